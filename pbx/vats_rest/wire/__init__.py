"""What is said to and by the REST API, in its own words; a module per group of chapters."""
