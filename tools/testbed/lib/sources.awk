# SPDX-License-Identifier: GPL-2.0-or-later
# Reads apt source files (deb822 or one-line, told apart by the file's name) and prints
# URI<TAB>suite<TAB>Signed-By for each enabled binary source. A key embedded in the stanza prints as "embedded".

function flush(    i, j, u, s, nu, ns)
{
	if (types ~ /(^| )deb( |$)/ && enabled !~ /^(no|false|0|off)/) {
		nu = split(uris, u, " ")
		ns = split(suites, s, " ")
		for (i = 1; i <= nu; i++)
			for (j = 1; j <= ns; j++)
				print u[i] "\t" s[j] "\t" key
	}
	types = uris = suites = key = field = ""
	enabled = "yes"
}

function oneline(    i, options, n, o)
{
	sub(/#.*/, "")
	if ($1 != "deb")
		return
	options = ""
	if (match($0, /\[[^]]*\]/)) {
		options = substr($0, RSTART + 1, RLENGTH - 2)
		$0 = substr($0, 1, RSTART - 1) " " substr($0, RSTART + RLENGTH)
	}
	types = "deb"; uris = $2; suites = $3
	n = split(options, o, " ")
	for (i = 1; i <= n; i++)
		if (tolower(o[i]) ~ /^signed-by=/)
			key = substr(o[i], 11)
	flush()
}

BEGIN { enabled = "yes" }
FNR == 1 { flush() }
FILENAME !~ /\.sources$/ { oneline(); next }
/^#/ { next }
/^[ \t]*$/ { flush(); next }
/^[ \t]/ { if (field == "signed-by") key = "embedded"; next }
{
	field = tolower(substr($0, 1, index($0, ":") - 1))
	value = substr($0, index($0, ":") + 1)
	gsub(/^[ \t]+|[ \t]+$/, "", value)
	if (field == "types") types = value
	else if (field == "uris") uris = value
	else if (field == "suites") suites = value
	else if (field == "signed-by") key = value
	else if (field == "enabled") enabled = tolower(value)
}
END { flush() }
