"""`make rehearse`: the whole deployment, and a purchase in what was deployed, on a fresh embedded AWS."""
