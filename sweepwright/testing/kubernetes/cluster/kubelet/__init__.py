"""The kubelet: runs the containers of pods, as local processes or by a script."""
