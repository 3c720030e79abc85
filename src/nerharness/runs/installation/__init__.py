"""What is installed here and what is not: facts that need no network and load no model."""
