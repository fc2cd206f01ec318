#!/bin/bash
# usage: keep.sh FOLDER NAME COMMAND...
# Runs a daemon and starts it again when it ends, so that a test restarts one by killing it; while FOLDER/NAME.hold
# exists it stays down. FOLDER/NAME.out is what it prints.
folder=$1 name=$2
shift 2
while :; do
  if [ ! -e "$folder/$name.hold" ]; then "$@" >>"$folder/$name.out" 2>&1; fi
  sleep 0.5
done
