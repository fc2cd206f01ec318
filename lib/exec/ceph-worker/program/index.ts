import clients from './clients.py';
import configKeys from './config_keys.py';
import connection from './connection.py';
import errors from './errors.py';
import frames from './frames.py';
import imageChanges from './image_changes.py';
import imageParts from './image_parts.py';
import imageSpace from './image_space.py';
import images from './images.py';
import lockHolder from './lock_holder.py';
import locks from './locks.py';
import main from './main.py';
import monitors from './monitors.py';
import opening from './opening.py';
import pools from './pools.py';
import requests from './requests.py';
import snapshots from './snapshots.py';
import trash from './trash.py';

/** What is imported from another file of this folder is in the same program. */
const IMPORT = /^from \..*\n/gm;

/** The worker's program. `requests` comes before those who register theirs, and `main`, which runs it, last. */
export const program = [
  frames,
  connection,
  errors,
  requests,
  monitors,
  pools,
  clients,
  configKeys,
  opening,
  imageParts,
  images,
  imageSpace,
  imageChanges,
  snapshots,
  trash,
  lockHolder,
  locks,
  main,
]
  .map((file) => file.replace(IMPORT, ''))
  .join('\n');
