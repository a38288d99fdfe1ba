/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#define altp2m_active(d) ((d)->arch.altp2m_active)
