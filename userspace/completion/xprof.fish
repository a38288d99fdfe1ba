# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion: xprof itself knows (userspace/cli/complete.c); where it says nothing, files.

function __xprof_candidates
    set -l words (commandline -opc) (commandline -ct)
    xprof __complete $words[2..-1] 2>/dev/null
end
complete -c xprof -a '(__xprof_candidates)'
