"""A run spread over a Ray cluster: workers label documents, the driver alone writes the journal."""
