# SPDX-License-Identifier: GPL-2.0-or-later
#
# xprof. Targets: all (default), unit, fuzz, clean; each folder's fragment
# (*.mk) says what it adds.
#
#   V=1      show commands             DEV=1    strict warnings, as errors
#   O=DIR    build there (build)       SAN=1    ASan and UBSan (build/san)
#                                      TSAN=1   TSan (build/tsan)

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: all unit fuzz clean

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

all:

include userspace/userspace.mk
include tools/tools.mk
include tests/tests.mk

clean:
	$(Q)rm -rf -- $(O)
