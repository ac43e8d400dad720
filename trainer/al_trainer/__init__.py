"""Trains and exports one YOLO detector from a run folder (docs/run-folder.md)."""
