"""From a spec to a run folder, and from a run folder to its scores."""
