// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/library.h"

#include <dlfcn.h>
#include <string.h>

int xp_library_load(void *functions, const struct xp_library *l, struct xp_err *err)
{
	void *library = dlopen(l->files[0], RTLD_NOW | RTLD_LOCAL);

	if (!library && l->files[1])
		library = dlopen(l->files[1], RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return xp_fail(err, XP_E_ABSENT, "%s, which %s, is not here (%s): apt install %s", l->name, l->does, dlerror(), l->package);
	for (size_t i = 0; i < l->nr_functions; i++) {
		void *f = dlsym(library, l->functions[i].name);

		if (!f)
			return xp_fail(err, XP_E_VERSION, "this %s has no %s%s", l->name, l->functions[i].name, l->wanted);
		memcpy((char *)functions + l->functions[i].at, &f, sizeof(f));
	}
	return 0;
}
