# SPDX-License-Identifier: GPL-2.0-or-later
#
# make test-payloads  the live patches that tests load beside xprof's: $(O)/e2e/payloads

.PHONY: test-payloads
test-payloads: $(O)/e2e/payloads/.made

$(O)/e2e/payloads/.made: $(O)/payload/.bookworm $(wildcard tests/payloads/*)
	$(say) PAYLOAD "for tests (about 1 minute)"
	$(Q)tests/payloads/build $(O)
	$(Q)touch $@
