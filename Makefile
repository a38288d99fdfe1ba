# SPDX-License-Identifier: GPL-2.0-or-later
#
# xprof. `make help` lists the targets; each folder's fragment (*.mk) has its own.
#
# make          the command and the developers' tools
# make install  DESTDIR=, PREFIX= (/usr/local)
# make clean    removes the build folder
#
#   V=1      show commands             DEV=1    strict warnings, as errors
#   O=DIR    build there (build)       SAN=1    ASan and UBSan (build/san)
#                                      TSAN=1   TSan (build/tsan)

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: all unit fuzz clean help install

TOP := $(CURDIR)

ifeq ($(SAN),1)
O ?= build/san
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else ifeq ($(TSAN),1)
O ?= build/tsan
SANFLAGS := -fsanitize=thread
else
O ?= build
endif

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n'
endif

ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin AR),default)
AR := ar
endif
CFLAGS ?= -O2 -g
INSTALL ?= install
PREFIX ?= /usr/local
VERSION := 0.1.0

all:

include hypervisor-patch/hypervisor-patch.mk
include kernel-helper/kernel-helper.mk
include userspace/userspace.mk
include tools/tools.mk
include tests/tests.mk

# xprof and its man pages; the module's sources where DKMS looks for them; live
# patches where xprof looks for them (`make payload` builds one for the testbed,
# hypervisor-patch/livepatch/build one for any other hypervisor).
install: $(O)/xprof
	$(Q)$(INSTALL) -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/xprof/payload $(DESTDIR)$(PREFIX)/src
	$(Q)$(INSTALL) -m 755 $(O)/xprof $(DESTDIR)$(PREFIX)/bin/xprof
	$(Q)kernel-helper/dkms-tree $(DESTDIR)$(PREFIX)/src/xprof-$(VERSION)
	$(Q)for page in $(XP_MAN); do \
		dir=$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}; \
		$(INSTALL) -d $$dir && $(INSTALL) -m 644 $$page $$dir/ || exit 1; \
	done
	$(Q)for unit in $(XP_UNITS); do \
		to=$(DESTDIR)$(PREFIX)/lib/systemd/system/$${unit##*/}; \
		$(INSTALL) -D -m 644 $$unit $$to && sed -i 's|@BINDIR@|$(PREFIX)/bin|' $$to || exit 1; \
	done
	$(Q)$(INSTALL) -D -m 644 userspace/completion/xprof.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/xprof
	$(Q)$(INSTALL) -D -m 644 userspace/completion/_xprof $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_xprof
	$(Q)$(INSTALL) -D -m 644 userspace/completion/xprof.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/xprof.fish

help:
	@sed -nE 's/^# (make [a-z0-9-]*) +/\1\t/p; s/^# make  +/make\t/p' $(filter-out %.d,$(MAKEFILE_LIST)) | \
		awk -F'\t' '{printf "  %-20s %s\n", $$1, $$2}'

clean:
	$(Q)rm -rf -- $(O)
