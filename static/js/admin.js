// Before the page is ready: htmx would write a style element, which the policy forbids and nothing here needs.
window.htmx.config.includeIndicatorStyles = false;
