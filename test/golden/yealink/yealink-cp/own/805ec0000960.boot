#!version:1.0.0.1
include:config "805ec0000960.cfg"
overwrite_mode = 1
