// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The assembler reads the files: nothing is generated, and what is embedded is what lies in userspace/html/. Paths are from the
 * top folder, where the compiler is run. userspace.mk says that this file depends on them.
 */
#include "lib/html/assets.h"

#define FILE(path) ".incbin \"userspace/html/" path "\"\n"
#define ASSET(name, files) \
	__asm__(".pushsection .rodata\n.global " name "\n" name ":\n" files ".global " name "_end\n" name "_end:\n.byte 0\n.popsection\n")

ASSET("xp_html_template", FILE("page.html"));

ASSET("xp_html_style",
      FILE("style/base.css")
      FILE("style/layout.css")
      FILE("style/tables.css")
      FILE("style/charts.css")
      FILE("style/print.css"));

/* One module: a file may use what those before it define, and within functions all of it. */
ASSET("xp_html_script",
      FILE("script/dom.js")
      FILE("script/format.js")
      FILE("script/colors.js")
      FILE("script/decode.js")
      FILE("script/model.js")
      FILE("script/choice.js")
      FILE("script/tree.js")
      FILE("script/layout.js")
      FILE("script/details.js")
      FILE("script/table.js")
      FILE("script/overview.js")
      FILE("script/functions.js")
      FILE("script/axis.js")
      FILE("script/timeline.js")
      FILE("script/flame.js")
      FILE("script/flamegraph.js")
      FILE("script/sandwich.js")
      FILE("script/heatmap.js")
      FILE("script/difference.js")
      FILE("script/code.js")
      FILE("script/host.js")
      FILE("script/page.js"));
