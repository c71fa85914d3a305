"""The running program: settings, command line, and the one place that builds and takes down."""
