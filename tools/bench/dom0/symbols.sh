# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
cp /proc/kallsyms /out/kallsyms
