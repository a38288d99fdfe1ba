/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: nothing of it is needed. */
#pragma once
