import { Initial1795305600000 } from './0001-initial'
import { Search1795305600001 } from './0002-search'
import { ProvisioningEngine1795392000000 } from './0003-provisioning-engine'
import { JobPriority1795392000001 } from './0004-job-priority'
import { WebexConnection1795392000002 } from './0005-webex-connection'
import { Sync1795392000003 } from './0006-sync'
import { ActivationPortal1795478400000 } from './0007-activation-portal'
import { UserCounts1795564800000 } from './0008-user-counts'
import { Download1795564800001 } from './0009-download'
import { Erasure1795564800002 } from './0010-erasure'
import { BulkOperation1795564800003 } from './0011-bulk-operation'
import { DownloadViewer1795651200000 } from './0012-download-viewer'
import { UnloggedCounters1795651200001 } from './0013-unlogged-counters'
import { AttemptSweep1796083200000 } from './0014-attempt-sweep'

/** All migrations, in order. */
export const MIGRATIONS = [
  Initial1795305600000,
  Search1795305600001,
  ProvisioningEngine1795392000000,
  JobPriority1795392000001,
  WebexConnection1795392000002,
  Sync1795392000003,
  ActivationPortal1795478400000,
  UserCounts1795564800000,
  Download1795564800001,
  Erasure1795564800002,
  BulkOperation1795564800003,
  DownloadViewer1795651200000,
  UnloggedCounters1795651200001,
  AttemptSweep1796083200000,
]
