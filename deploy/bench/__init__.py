"""Figures as ratios in one run: what our code costs over the bare work underneath it."""
