"""Template → face track. mediapipe 0.10.21 stays behind this room: later releases carry no face models in the wheel."""
