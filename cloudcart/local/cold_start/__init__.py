"""`make bench-cold`: how long a function takes to its first page, beside a bare Django of the same make."""
