# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced into every scenario (BASH_ENV): guests, and files that must get out before the end. Every wait is bounded.

GUEST_DIR=/usr/lib/xenhost/guest
GUEST_LOGS=/var/log/xen/console

# What shortens a guest's boot under emulation (pci=off: no scan by ports, each of which is an exit).
GUEST_ARGS="console=hvc0 rdinit=/init quiet loglevel=4 mitigations=off panic=1 tsc=reliable pci=off"
GUEST_ARGS+=" initcall_blacklist=init_kprobe_trace,load_system_certificate_list,crypto_kdf108_init"

NETWORK_SCRIPT=/run/xenhost-vif

# guest_fail TEXT: why a guest function did not work; the functions return 1 then.
guest_fail()
{
	printf 'guest: error: %s\n' "$*" >&2
	return 1
}

# guest_console NAME: all that the guest wrote to its console so far.
guest_console()
{
	tr -d '\r' <"$GUEST_LOGS/guest-$1.log" 2>/dev/null
}

# guest_disk FILE KERNEL INITRAMFS ARGUMENTS: a disk from which an HVM guest boots these, by GRUB, which reads a file as "FIRST+NUMBER"
# of sectors. (The device model can boot a kernel without a disk, but hands each byte of it over by an instruction: minutes.)
guest_disk()
{
	local first=2048 config=1024 next kernel_sectors initramfs_sectors

	kernel_sectors=$(( ($(stat -c %s "$2") + 511) / 512 ))
	initramfs_sectors=$(( ($(stat -c %s "$3") + 511) / 512 ))
	next=$((first + kernel_sectors))
	cp "$GUEST_DIR/grub.img" "$1"
	printf 'linux (hd0)%s+%s %s\ninitrd (hd0)%s+%s\nboot\n%4096s' \
		$first $kernel_sectors "$4" $next $initramfs_sectors '' | head -c 4096 | dd of="$1" bs=512 seek=$config conv=notrunc 2>/dev/null
	dd if="$2" of="$1" bs=512 seek=$first conv=notrunc,sync 2>/dev/null
	dd if="$3" of="$1" bs=512 seek=$next conv=notrunc,sync 2>/dev/null
}

# guest_boot_loader FILE KERNEL INITRAMFS ARGUMENTS: GRUB for a PVH guest, with these in it: it boots the packed kernel as a BIOS
# would, so that the kernel unpacks itself where KASLR wants it. (What xl loads into a guest itself is never moved.)
guest_boot_loader()
{
	local dir=$1.files

	mkdir "$dir"
	ln -s "$2" "$dir/kernel"
	ln -s "$3" "$dir/initramfs"
	tar -chf "$dir/memdisk" -C "$dir" kernel initramfs
	printf 'linux (memdisk)/kernel %s\ninitrd (memdisk)/initramfs\nboot\n' "$4" >"$dir/config"
	grub-mkimage -O i386-xen_pvh -p / -c "$dir/config" -m "$dir/memdisk" -o "$1" memdisk tar linux
	rm -r "$dir"
}

# guest_configure NAME pv|pvh|hvm WORKLOAD [ARG…] [--vcpus N] [--mem MB] [--domid N] [--cpus LIST] [--uuid U] [--cap N]
# [--weight N] [--vif dom0|GUEST] [--driver-domain] [--kallsyms tell|modules] [--kernel other|FILE] [--kaslr] [--restarts] [-- ARG…]:
# xl's configuration on stdout. Other arguments, and all behind "--", are the workload's. --vif: a network interface whose
# backend is Domain-0 (see network_up) or that guest. --kallsyms tell: before its workload it says "kallsyms NUMBER MD5" of its
# kernel's symbols, and "_text ADDRESS"; modules: "module-kallsyms NUMBER MD5" of its modules', when there is one.
# --kernel other: of another version than Domain-0's; FILE: no Linux, so it has no initramfs. --kaslr: a PVH guest boots by GRUB,
# and its kernel unpacks itself where it likes (as an HVM guest's always does). --restarts: a reboot builds it anew.
# hvm, --kaslr and --kernel other: with xenhost run --guest-kinds.
guest_configure()
{
	local name=$1 type=$2 vcpus=1 mem=128 cpus='' uuid='' cap='' weight='' vif='' driver='' work=() extra=$GUEST_ARGS
	local kernel=$GUEST_DIR/vmlinux ramdisk=$GUEST_DIR/initramfs.cpio on_reboot=destroy kaslr=''
	[[ $type != hvm ]] || kernel=$GUEST_DIR/vmlinuz extra=${extra/ pci=off/} # packed; grants are set up by the platform's PCI device
	shift 2
	while (( $# )); do
		case $1 in
		--vcpus) vcpus=$2; shift 2 ;;
		--mem) mem=$2; shift 2 ;;
		--domid) shift 2 ;; # xl has no such key, see guest_create
		--cpus) cpus=$2; shift 2 ;;
		--uuid) uuid=$2; shift 2 ;;
		--cap) cap=$2; shift 2 ;;
		--weight) weight=$2; shift 2 ;;
		--vif) vif=$2; shift 2 ;;
		--driver-domain) driver=1; shift ;;
		--kallsyms) extra+=" kallsyms=$2"; shift 2 ;;
		--kernel)
			if [[ $2 == other ]]; then kernel=$GUEST_DIR/vmlinuz-other; else kernel=$2 ramdisk=''; fi
			shift 2
			;;
		--kaslr) kernel=$GUEST_DIR/vmlinuz kaslr=1; shift ;;
		--restarts) on_reboot=restart; shift ;;
		--) shift; work+=("$@"); break ;;
		*) work+=("$1"); shift ;;
		esac
	done
	extra+=" -- ${work[*]}"
	printf 'name = "%s"\ntype = "%s"\nvcpus = %s\nmemory = %s\n' "$name" "$type" "$vcpus" "$mem"
	if [[ $type == hvm ]]; then
		guest_disk "/run/xenhost-$name.disk" "$kernel" "$ramdisk" "$extra"
		printf 'disk = ["format=raw,vdev=hda,access=rw,backendtype=qdisk,target=%s"]\nhdtype = "ahci"\n' "/run/xenhost-$name.disk"
		printf 'vga = "none"\nvnc = 0\nsdl = 0\n'
	elif [[ $kaslr ]]; then
		guest_boot_loader "/run/xenhost-$name.grub" "$kernel" "$ramdisk" "$extra"
		printf 'kernel = "%s"\n' "/run/xenhost-$name.grub"
	else
		printf 'kernel = "%s"\nextra = "%s"\n' "$kernel" "$extra"
		[[ -z $ramdisk ]] || printf 'ramdisk = "%s"\n' "$ramdisk"
	fi
	printf 'tsc_mode = "native"\n'
	printf 'on_crash = "preserve"\non_poweroff = "destroy"\non_reboot = "%s"\n' "$on_reboot"
	[[ -z $cpus ]] || printf 'cpus = "%s"\n' "$cpus"
	[[ -z $uuid ]] || printf 'uuid = "%s"\n' "$uuid"
	[[ -z $cap ]] || printf 'cap = %s\n' "$cap"
	[[ -z $weight ]] || printf 'cpu_weight = %s\n' "$weight"
	[[ -z $driver ]] || printf 'driver_domain = 1\n'
	case $vif in
	'') ;;
	dom0) printf 'vif = ["bridge=xenbr0,script=%s"]\n' "$NETWORK_SCRIPT" ;;
	*) printf 'vif = ["bridge=br0,backend=%s"]\n' "$vif" ;;
	esac
}

# guest_xl NAME …: xl create, with a domain id of the caller's choice if there is a --domid N. What xl says is shown if it fails
# (it also talks when all is well: "got a tsc mode string").
guest_xl()
{
	local config=/run/xenhost-$1.cfg said=/run/xenhost-$1.said preload=()
	while (( $# )) && [[ $1 != --domid && $1 != -- ]]; do shift; done
	[[ ${1:-} != --domid ]] ||
		preload=(LD_PRELOAD=/usr/lib/xenhost/domid.so XENHOST_DOMID="$2" LIBXL_DOMID_REUSE_TIMEOUT=0)
	env "${preload[@]}" timeout 120 xl create -q "$config" >"$said" 2>&1 && return
	cat "$said" >&2
	return 1
}

# guest_plug NAME: tells the backends in driver domains that its interfaces are plugged in: there is no xl in them to do so.
guest_plug()
{
	local id path backend
	id=$(xl domid "$1") || return
	for path in $(xenstore-list "/libxl/$id/device/vif" 2>/dev/null); do
		backend=$(xenstore-read "/libxl/$id/device/vif/$path/backend")
		[[ $backend == /local/domain/0/* ]] || xenstore-write "$backend/hotplug-status" connected
	done
}

# guest_create NAME pv|pvh|hvm WORKLOAD …: as guest_configure; returns when xl has built and started the guest.
guest_create()
{
	(( $# >= 3 )) || { guest_fail "guest_create NAME pv|pvh|hvm WORKLOAD [options]"; return 1; }
	[[ $2 =~ ^(pv|pvh|hvm)$ ]] || { guest_fail "guest $1: type '$2' is not pv, pvh or hvm"; return 1; }
	rm -f "$GUEST_LOGS/guest-$1.log"
	guest_configure "$@" >"/run/xenhost-$1.cfg"
	guest_xl "$@" || { guest_fail "xl could not create guest $1 (its configuration: /run/xenhost-$1.cfg)"; return 1; }
	guest_plug "$1"
}

# guest_lives NAME: it is there and has not crashed (a crashed one is preserved).
guest_lives()
{
	xl list "$1" 2>/dev/null | awk 'NR == 2 {state = $5} END {exit !(state != "" && state !~ /c/)}'
}

# guest_wait NAME SECONDS TEXT: until TEXT is on the guest's console; no longer than the guest lives.
guest_wait()
{
	local i
	for (( i = 0; i < $2 * 10; i++ )); do
		grep -aqs -- "$3" "$GUEST_LOGS/guest-$1.log" && return
		(( i % 10 )) || guest_lives "$1" || break
		sleep 0.1
	done
	grep -aqs -- "$3" "$GUEST_LOGS/guest-$1.log" && return
	guest_console "$1" | tail -n 20 >&2
	guest_fail "guest $1 did not say '$3' within $2 s (its console's tail is above)"
}

# guest_wait_up NAME [SECONDS]: until its workload runs.
guest_wait_up()
{
	guest_wait "$1" "${2:-90}" '^workload .* \(runs\|unknown\)' || return
	! grep -aq '^workload .* unknown' "$GUEST_LOGS/guest-$1.log" || guest_fail "guest $1: $(guest_console "$1" | grep unknown)"
}

# guest_stop NAME [SECONDS]: ends the workload, prints its report (a line of JSON), waits until the domain is gone.
guest_stop()
{
	local limit=${2:-60} i
	xl shutdown "$1" >/dev/null || return
	guest_wait "$1" "$limit" '^workload .* ended' || return
	guest_console "$1" | grep '^{'
	for (( i = 0; i < limit * 10; i++ )); do
		xl domid "$1" >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	guest_fail "guest $1 is still there $limit s after its workload's end"
}

# guest_destroy NAME: at once, without a report.
guest_destroy()
{
	timeout 60 xl destroy "$1"
}

# out_sync: hands /out over now; for scenarios that bring the host down.
out_sync()
{
	tar -C /out -cf - . >"$XENHOST_RESULT"
}

# out_truth start|stop: what the emulator counts between them is the truth (--truth port). Ends up in the folder of --out.
out_truth()
{
	local byte='\0'
	case $1 in
	start) byte='\1' ;;
	stop) ;;
	*) guest_fail "out_truth start|stop, not '$1'"; return 1 ;;
	esac
	[[ -c /dev/port ]] || mknod /dev/port c 1 4 || return
	printf "$byte" | dd of=/dev/port bs=1 seek=$((0xf4)) conv=notrunc 2>/dev/null
}

# network_up: Domain-0 serves guests' interfaces (--vif dom0), on a bridge. Nothing speaks IPv6: no packets but the guests' own.
network_up()
{
	[[ ! -e /sys/class/net/xenbr0 ]] || return 0
	modprobe bridge && modprobe xen-netback || return
	echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
	brctl addbr xenbr0 && ip link set xenbr0 up || return
	cat >"$NETWORK_SCRIPT" <<-'EOF'
		#!/bin/bash
		# What xl runs for a vif: $1 is online or offline, $vif and $XENBUS_PATH say which.
		[[ $1 == online ]] || exit 0
		brctl addif xenbr0 "$vif" && ip link set "$vif" up &&
			xenstore-write "$XENBUS_PATH/hotplug-status" connected && exit
		xenstore-write "$XENBUS_PATH/hotplug-status" error
	EOF
	chmod +x "$NETWORK_SCRIPT"
}
