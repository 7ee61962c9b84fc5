//! Blocks of markdown whose content is not markdown.

/// A fenced block. Its fence is longer than any that the content could have, which therefore
/// cannot end it.
pub(crate) fn fenced(language: &str, content: &str) -> String {
    let runs = content.split(|letter| letter != '`').map(str::len);
    let fence = "`".repeat(runs.max().map_or(3, |longest| (longest + 1).max(3)));
    let end = if content.is_empty() || content.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{content}{end}{fence}\n")
}

/// A block that is closed until a reader opens it.
pub(crate) fn folded(summary: &str, content: &str) -> String {
    format!("<details>\n<summary>{summary}</summary>\n\n{content}\n</details>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_content_ends_its_block() {
        assert_eq!(fenced("text", "a `b`\n"), "```text\na `b`\n```\n");
        assert_eq!(fenced("text", "a\n```\n# b"), "````text\na\n```\n# b\n````\n");
        assert_eq!(fenced("text", ""), "```text\n```\n");
    }

    #[test]
    fn what_is_folded_is_still_markdown() {
        // Only after an empty line is a block within HTML read as markdown.
        let folded = folded("As a diagram", &fenced("mermaid", "x\n"));
        assert!(folded.contains("</summary>\n\n```mermaid\n"), "{folded}");
        assert!(folded.contains("\n```\n\n</details>\n"), "{folded}");
    }
}
