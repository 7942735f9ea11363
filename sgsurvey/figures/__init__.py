"""The language of pictures: tidy frames in, matplotlib Axes out.  Knows no statistic."""
