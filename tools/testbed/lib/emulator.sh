# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# QEMU's command line for a Xen host without Xen hardware. Why each argument: DESIGN.md, section 7.

XH_XEN_ARGS="console=com1 com1=115200,8n1 dom0_mem=1024M cpuidle=0 smap=0 loglvl=all guest_loglvl=all"
XH_LINUX_ARGS="console=hvc0 rdinit=/init panic=1 loglevel=5"

# xh_pick_xen stock|patched: XH_XEN_IMAGE, after a word on what it is.
xh_pick_xen()
{
	local gz=$XH_XEN_ROOT/boot/xen-$XH_XEN_BRANCH-amd64.gz recorded sum

	[[ $1 != none ]] || return 0
	if [[ $1 == patched ]]; then
		XH_XEN_IMAGE=$XH_REPO/build/xen-patched/xen
		[[ -e $XH_XEN_IMAGE ]] || xh_die "$XH_EX_PREPARE" "there is no patched hypervisor: $XH_XEN_IMAGE is missing" \
			"build it first (hypervisor-patch/README.md), or use --xen stock"
		xh_say "Xen: patched, SHA-256 $(sha256sum <"$XH_XEN_IMAGE" | cut -d' ' -f1)"
		return
	fi
	XH_XEN_IMAGE=$XH_XEN_DIR/xen
	recorded=$(<"$XH_XEN_DIR/xen.gz.sha256")
	sum=$(sha256sum <"$gz" | cut -d' ' -f1)
	{ [[ $sum == "$recorded" ]] && gzip -dc "$gz" | cmp -s - "$XH_XEN_IMAGE"; } ||
		xh_die "$XH_EX_PREPARE" "the cached hypervisor $gz (SHA-256 $sum) is not the package's ($recorded)" \
			"remove $XH_XEN_DIR and prepare again"
	xh_say "Xen: stock ${gz##*/} of xen $(<"$XH_XEN_DIR/version"), SHA-256 $sum, as in the package"
}

# xh_check_arguments NAME TEXT: QEMU's -initrd and -append take no comma in a module's arguments.
xh_check_commas()
{
	[[ $2 != *,* ]] || xh_die "$XH_EX_USAGE" "$1 must not contain a comma: '$2'" \
		"QEMU separates boot modules by commas; use an option without one"
}

# xh_cpu_model: the host's CPU with the counters that were asked for, as QEMU's -cpu takes it.
xh_cpu_model()
{
	local cpu="qemu64" model=${XH_OPT_PMU_MODEL:-default}

	case $XH_OPT_PMU-$model in
	none-*) cpu+=",+svm,+npt" ;;
	amd-default) cpu+=",+svm,+npt,pmu-model=amd-core" ;;
	amd-k7 | amd-core) cpu+=",+svm,+npt,pmu-model=amd-$model" ;;
	amd-v2) cpu+=",+svm,+npt,family=25,model=17,stepping=1,pmu-model=amd-v2" ;;
	intel-*)
		[[ $model != default ]] || model=v4
		cpu+=",vendor=GenuineIntel,family=6,model=85,stepping=4,pmu-model=intel-$model"
		;;
	esac
	printf '%s\n' "$cpu${XH_OPT_PMU_OPTIONS:+,$XH_OPT_PMU_OPTIONS}"
}

# xh_boot_arguments XEN_ARGS LINUX_ARGS: what is booted. Without Xen the ELF kernel is entered as a PVH guest's would be.
xh_boot_arguments()
{
	local kernel=${XH_KERNEL//,/,,} initramfs=${XH_WORK//,/,,}/initramfs.cpio

	if [[ $XH_OPT_XEN == none ]]; then
		XH_QEMU+=(-kernel "$XH_KERNEL" -append "${2/console=hvc0/console=ttyS0}" -initrd "$XH_WORK/initramfs.cpio")
	else
		XH_QEMU+=(-kernel "$XH_XEN_IMAGE" -append "$1" -initrd "$kernel $2,$initramfs")
	fi
}

# xh_qemu_command: fills XH_QEMU from the run's options (XH_OPT_*) and its work folder.
xh_qemu_command()
{
	local XH_TRUTH='' xen_args=$XH_XEN_ARGS linux_args=$XH_LINUX_ARGS

	(( XH_OPT_EXPECT_REBOOT )) || xen_args+=" noreboot"
	xen_args+=" $XH_OPT_XEN_ARGS"
	[[ ! $XH_OPT_TRUTH ]] || XH_TRUTH=$(xh_truth_properties)
	linux_args+=" $XH_OPT_LINUX_ARGS"
	xh_check_commas --linux-args "$linux_args"
	# shellcheck disable=SC2054 # QEMU's commas
	XH_QEMU=(
		"$XH_QEMU_BIN" -L /usr/share/qemu -L /usr/share/seabios -nodefaults -no-user-config -display none -no-reboot
		-machine pc -accel tcg -cpu "$(xh_cpu_model)$XH_TRUTH"
		-smp "$XH_OPT_CPUS" -m "$XH_OPT_MEMORY"
		-global "hpet.msi=$XH_OPT_HPET_MSI"
		-serial "file:$XH_OUT/serial.log"
		-device virtio-serial-pci,max_ports=4
		-chardev "file,id=output,path=$XH_WORK/output.fifo"
		-device virtserialport,nr=1,chardev=output,name=xenhost.output
		-chardev "file,id=result,path=$XH_WORK/result.tar"
		-device virtserialport,nr=2,chardev=result,name=xenhost.result
		-chardev "file,id=status,path=$XH_WORK/status"
		-device virtserialport,nr=3,chardev=status,name=xenhost.status
	)
	xh_boot_arguments "$xen_args" "$linux_args"
	[[ -z $XH_OPT_ICOUNT ]] || XH_QEMU+=(-icount "shift=$XH_OPT_ICOUNT,sleep=off")
	# shellcheck disable=SC2206
	XH_QEMU+=($XH_OPT_QEMU_ARGS)
}
