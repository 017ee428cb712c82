//! One page: a CommonMark parser's events, kept as links, anchors and blocks of code with their lines.

use std::collections::{HashMap, HashSet};

use pulldown_cmark::{BrokenLink, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

/// What the checks need to know of a Markdown page.
#[derive(Debug, Default)]
pub struct Page {
    /// Links and images, in order.
    pub links: Vec<Link>,
    /// What stands after `#` in links to this page: every heading's, and every `id` of an HTML tag.
    pub anchors: HashSet<String>,
    /// Fenced blocks of code, in order.
    pub blocks: Vec<Block>,
    /// References such as `[text][name]` whose name is nowhere defined.
    pub undefined: Vec<Link>,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// As written: a path, an `#anchor`, a URL.
    pub target: String,
    /// The line that it stands on, counted from 1.
    pub line: usize,
}

/// A fenced block of code.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// What stands after the fence: language and attributes.
    pub info: String,
    /// What stands inside.
    pub code: String,
    /// The opening fence's line, counted from 1.
    pub line: usize,
}

impl Page {
    /// Reads a page.
    pub fn parse(text: &str) -> Page {
        // Mathematics is on because `$a[i](b)$` is no link.
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_MATH;
        let mut page = Page::default();
        let mut undefined = Vec::new();
        let mut note_undefined = |link: BrokenLink| {
            // A lone `[word]` is text; `[text][name]` was meant as a link.
            if matches!(link.link_type, LinkType::Reference | LinkType::Collapsed) {
                undefined.push(Link {
                    target: link.reference.to_string(),
                    line: line_of(text, link.span.start),
                });
            }
            None
        };
        let parser =
            Parser::new_with_broken_link_callback(text, options, Some(&mut note_undefined));

        let mut heading: Option<String> = None;
        let mut block: Option<Block> = None;
        let mut headings_of_one_name = HashMap::new();
        for (event, span) in parser.into_offset_iter() {
            let line = line_of(text, span.start);
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(Link {
                        target: dest_url.to_string(),
                        line,
                    });
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let slug = slug(&heading.take().unwrap_or_default());
                    let earlier = headings_of_one_name.entry(slug.clone()).or_insert(0);
                    page.anchors.insert(if *earlier == 0 {
                        slug
                    } else {
                        format!("{slug}-{earlier}")
                    });
                    *earlier += 1;
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    block = Some(Block {
                        info: info.to_string(),
                        code: String::new(),
                        line,
                    });
                }
                Event::End(TagEnd::CodeBlock) => page.blocks.extend(block.take()),
                Event::Html(html) | Event::InlineHtml(html) => page.anchors.extend(ids(&html)),
                Event::Text(words) | Event::Code(words) | Event::InlineMath(words) => {
                    if let Some(block) = &mut block {
                        block.code += &words;
                    } else if let Some(heading) = &mut heading {
                        *heading += &words;
                    }
                }
                _ => {}
            }
        }
        page.undefined = undefined;
        page
    }
}

/// The line of a byte, counted from 1.
fn line_of(text: &str, byte: usize) -> usize {
    text[..byte].matches('\n').count() + 1
}

/// A heading's anchor, as repository pages make it: lower case, blanks to hyphens, punctuation dropped.
fn slug(heading: &str) -> String {
    let kept = heading
        .trim()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// The values of `id="…"` in a piece of HTML.
fn ids(html: &str) -> impl Iterator<Item = String> {
    html.split(" id=\"")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_every_kind_are_found_with_their_lines() {
        let page =
            Page::parse("A [b](c.md) and\n![d](e.svg), [f][g], <https://h.org>.\n\n[g]: i.md#j\n");
        let found: Vec<_> = page
            .links
            .iter()
            .map(|link| (link.target.as_str(), link.line))
            .collect();
        assert_eq!(
            found,
            [
                ("c.md", 1),
                ("e.svg", 2),
                ("i.md#j", 2),
                ("https://h.org", 2)
            ]
        );
    }

    #[test]
    fn what_looks_like_a_link_inside_code_or_mathematics_is_none() {
        let page = Page::parse(
            "`[a](b)` and $x[i](t)$\n\n```text\n[c](d)\n```\n\n```math\nx[i](t)\n```\n",
        );
        assert_eq!(page.links, []);
    }

    #[test]
    fn a_reference_without_definition_is_reported_but_a_word_in_brackets_is_not() {
        let page = Page::parse("fine [word]\nbad [text][nowhere]\n");
        assert_eq!(
            page.undefined,
            [Link {
                target: "nowhere".into(),
                line: 2
            }]
        );
    }

    #[test]
    fn anchors_are_made_as_repository_pages_make_them() {
        let page = Page::parse(
            "# The `gemm` crate, and $x$: why?\n\n## Same\n\n## Same\n\n## 3. A_b – c\n\n<a id=\"here\"></a>\n",
        );
        let mut anchors: Vec<_> = page.anchors.iter().map(String::as_str).collect();
        anchors.sort_unstable();
        assert_eq!(
            anchors,
            [
                "3-a_b--c",
                "here",
                "same",
                "same-1",
                "the-gemm-crate-and-x-why"
            ]
        );
    }

    #[test]
    fn blocks_keep_their_info_their_code_and_their_line() {
        let page = Page::parse("text\n\n```sh no_run\na\n\nb\n```\n\n    indented\n");
        let block = Block {
            info: "sh no_run".into(),
            code: "a\n\nb\n".into(),
            line: 3,
        };
        assert_eq!(page.blocks, [block]);
    }
}
