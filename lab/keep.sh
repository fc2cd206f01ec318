#!/bin/bash
# usage: keep.sh FOLDER NAME COMMAND...
# Runs a daemon and starts it again when it ends, so that a test restarts one by killing it; while FOLDER/NAME.hold
# exists it stays down. FOLDER/NAME.out is what it prints. FOLDER/../stopping: the lab is going down.
folder=$1 name=$2
shift 2
exec 3<> <(:) # nothing ever comes out of it: a pause without a process of its own, which the end would orphan
while :; do
  if [ ! -e "$folder/$name.hold" ] && [ ! -e "$folder/../stopping" ]; then "$@" >>"$folder/$name.out" 2>&1 3>&-; fi
  read -rt 0.5 -u 3
done
