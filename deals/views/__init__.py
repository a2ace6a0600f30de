"""Pages of deals and of the settings of pipelines."""
