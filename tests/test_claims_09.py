"""The claims of notebook 09 about training, over ten starts other than the notebook's, by its own cells. Slow."""
