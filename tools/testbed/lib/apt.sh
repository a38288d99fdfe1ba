# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A private apt: its own lists, archives and sources in the cache, derived from the archive
# that this machine already uses. The machine's own apt state is read, never written.

# xh_apt_machine_sources: URI<TAB>suite<TAB>Signed-By of every source that the machine has enabled.
xh_apt_machine_sources()
{
	local files=() f

	for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
		[[ -r $f ]] && files+=("$f")
	done
	(( ${#files[@]} )) || xh_die "$XH_EX_PREPARE" "no apt source is readable under /etc/apt" "is this a Debian machine?"
	awk -f "$XH_LIB/sources.awk" "${files[@]}"
}

# xh_apt_find_source main|security: "URI<TAB>key" of the machine's Debian archive of that kind.
xh_apt_find_source()
{
	xh_apt_machine_sources | awk -F'\t' -v kind="$1" '
		BEGIN { codename = "(bullseye|bookworm|trixie|forky|sid|stable|oldstable|testing)" }
		kind == "main" && $2 ~ "^" codename "$" && $1 ~ /debian/ { print $1 "\t" $3; exit }
		kind == "security" && $2 ~ "^" codename "-security$" { print $1 "\t" $3; exit }'
}

# xh_apt_stanza URI KEY SUITE…: one deb822 stanza.
xh_apt_stanza()
{
	local uri=$1 key=$2
	shift 2
	[[ $key && $key != embedded ]] || key=/usr/share/keyrings/debian-archive-keyring.gpg
	printf 'Types: deb deb-src\nURIs: %s\nSuites: %s\nComponents: main\n' "$uri" "$*"
	[[ ! -e ${key%%,*} ]] || printf 'Signed-By: %s\n' "$key"
	printf '\n'
}

# xh_apt_write_sources DISTRO FILE
xh_apt_write_sources()
{
	local distro=$1 file=$2 main security uri key

	main=$(xh_apt_find_source main)
	security=$(xh_apt_find_source security)
	[[ $main ]] || xh_die "$XH_EX_PREPARE" "no Debian archive is enabled in this machine's apt sources" \
		"enable one (Types: deb, Suites: bookworm) and run apt-get update once"
	IFS=$'\t' read -r uri key <<<"$main"
	xh_apt_stanza "$uri" "$key" "$distro" "$distro-updates" >"$file"
	[[ ! $security ]] || {
		IFS=$'\t' read -r uri key <<<"$security"
		xh_apt_stanza "$uri" "$key" "$distro-security" >>"$file"
	}
}

# xh_apt_init DISTRO: makes the private configuration; XH_APT_CONF names it afterwards.
xh_apt_init()
{
	local dir=$XH_CACHE/apt/$1

	export XH_APT_CONF=$dir/apt.conf
	mkdir -p "$dir/lists/partial" "$dir/archives/partial" "$dir/empty.d"
	: >"$dir/status"
	xh_apt_write_sources "$1" "$dir/debian.sources"
	{
		# How this machine reaches its archive (proxies and the like) stays valid; hooks do not run.
		apt-config dump | grep -E '^Acquire::[^ ]' | grep -v '^Acquire::IndexTargets'
		cat <<-EOF
		Acquire::IndexTargets::deb::Translations::DefaultEnabled "false";
		APT::Sandbox::User "$(id -un)";
		Dir::Etc::main "$dir/none";
		Dir::Etc::parts "$dir/empty.d";
		Dir::Etc::sourcelist "$dir/debian.sources";
		Dir::Etc::sourceparts "$dir/empty.d";
		Dir::Etc::preferences "$dir/none";
		Dir::Etc::preferencesparts "$dir/empty.d";
		Dir::State "$dir";
		Dir::State::lists "$dir/lists";
		Dir::State::status "$dir/status";
		Dir::Cache "$dir";
		EOF
	} >"$XH_APT_CONF.new"
	mv "$XH_APT_CONF.new" "$XH_APT_CONF"
}

# xh_apt COMMAND…: an apt tool with the private configuration.
xh_apt()
{
	local tool=$1
	shift
	APT_CONFIG=$XH_APT_CONF LC_ALL=C "$tool" "$@"
}

# xh_apt_update DISTRO LOG: fetches the signed lists.
xh_apt_update()
{
	xh_apt_init "$1"
	xh_step "$2" "reading $1's package lists from this machine's archive (private apt state, about 10 s)" \
		xh_apt apt-get -q update
}

# xh_apt_add SUITE…: from here on the first of these suites that the archive serves is searched, too; until the next xh_apt_init.
xh_apt_add()
{
	local suite uri key list=${XH_APT_CONF%/*}/debian.sources

	IFS=$'\t' read -r uri key < <(xh_apt_find_source main)
	cp "$list" "$list.before"
	for suite; do
		xh_apt_stanza "$uri" "$key" "$suite" >>"$list"
		! xh_apt apt-get -q update >>"$XH_LOG" 2>&1 || return 0
		xh_say "note: this machine's archive does not serve $suite"
		cp "$list.before" "$list"
	done
	xh_die "$XH_EX_PREPARE" "none of these suites is served: $*" "is the archive reachable? log: $XH_LOG"
}

# xh_apt_versions PACKAGE SUITE: the binary versions that SUITE serves, newest first.
xh_apt_versions()
{
	xh_apt apt-cache madison "$1" | awk -v suite=" $2/" '$0 ~ suite "[a-z]+ [^ ]+ Packages" { print $3 }'
}

# xh_apt_has_source SOURCE VERSION: is the source package of that version served?
xh_apt_has_source()
{
	xh_apt apt-cache madison "$1" | awk -v v="$2" '$3 == v && /Sources$/ { found = 1 } END { exit !found }'
}
