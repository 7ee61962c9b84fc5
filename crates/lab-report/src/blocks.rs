//! Blocks of markdown whose content is not markdown.

/// A fenced block. Its fence is longer than any that the content could have, which therefore
/// cannot end it.
pub(crate) fn fenced(language: &str, content: &str) -> String {
    let runs = content.split(|letter| letter != '`').map(str::len);
    let fence = "`".repeat(runs.max().map_or(3, |longest| (longest + 1).max(3)));
    let end = if content.is_empty() || content.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{content}{end}{fence}\n")
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
}
