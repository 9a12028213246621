# SPDX-License-Identifier: GPL-2.0-only
#
# For Sphinx, by way of "make htmldocs", which puts the pages that are made of
# kernel-doc comments beside these.

import os

project = "novabpf"
copyright = "the novabpf authors"
with open(os.environ["NOVABPF_VERSION_FILE"], encoding="utf-8") as file:
    release = version = file.read().strip()

extensions = []
exclude_patterns = ["output"]
primary_domain = "c"
highlight_language = "none"
# Attributes that the C domain does not know.
c_id_attributes = ["__bpf_kfunc", "__force", "__user", "__rcu", "__percpu", "__iomem", "__le32",
                   "__must_check", "noinline"]
html_theme = "alabaster"
html_theme_options = {"page_width": "75em", "fixed_sidebar": True}
html_sidebars = {"**": ["about.html", "searchbox.html", "navigation.html"]}
html_copy_source = False
man_pages = []
