#!version:1.0.0.1
include:config "805ec0aabbcc.cfg"
overwrite_mode = 1
