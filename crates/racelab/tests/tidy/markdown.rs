//! What a reader of markdown sees as links and headings, as far as the rules need it.

/// The lines that are not code, with their numbers.
pub(crate) fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fence = None;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let line = line.trim_start();
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            None if ticks.len() >= 3 => fence = Some(ticks.len()),
            None => return true,
            Some(opened) if ticks.len() >= opened && ticks.len() == line.trim_end().len() => {
                fence = None;
            }
            Some(_) => {}
        }
        false
    })
}

/// The targets of the links, with the numbers of their lines.
pub(crate) fn links(text: &str) -> Vec<(usize, String)> {
    prose(text)
        .flat_map(|(number, line)| targets(line).into_iter().map(move |to| (number, to)))
        .collect()
}

fn targets(line: &str) -> Vec<String> {
    let line: String = line.split('`').step_by(2).collect();
    let inline = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let quoted = ["href=\"", "src=\""].into_iter().flat_map(|attribute| {
        line.split(attribute).skip(1).filter_map(|rest| rest.split('"').next())
    });
    let defined = line.strip_prefix('[').filter(|rest| !rest.starts_with('^'));
    let defined = defined.and_then(|rest| rest.split_once("]: ")).map(|(_, target)| target);
    inline.chain(quoted).chain(defined).map(str::to_owned).collect()
}

/// The anchors of the headings, as GitHub makes them.
pub(crate) fn anchors(text: &str) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    for (_, line) in prose(text) {
        let Some((_, title)) = line.split_once("# ").filter(|(hashes, _)| is_heading(hashes))
        else {
            continue;
        };
        let anchor = anchor(title);
        let twins = (1..).map(|number| format!("{anchor}-{number}"));
        let mut names = std::iter::once(anchor.clone()).chain(twins);
        anchors.extend(names.find(|name| !anchors.contains(name)));
    }
    anchors
}

fn is_heading(hashes: &str) -> bool {
    hashes.len() < 6 && hashes.bytes().all(|byte| byte == b'#')
}

/// Letters, digits, `-` and `_` stay, spaces become `-`, all else goes; of a link only the words.
fn anchor(title: &str) -> String {
    let mut parts = title.trim().split("](");
    let first = parts.next().unwrap_or_default().to_owned();
    let words = parts
        .fold(first, |words, rest| words + rest.split_once(')').map_or("", |(_, after)| after));
    let kept = words.chars().filter(|one| one.is_alphanumeric() || [' ', '-', '_'].contains(one));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn links_are_found_in_prose_and_not_in_code() {
    let text = "# A\n[a](b.md) and [c](d/e.md#f \"title\"), `[g](h)`\n```sh\n[i](j)\n```\n\
                ![k](l.svg)\n[m]: n.md\n[^1]: a note\n<img src=\"o.png\">\n````md\n```\n[p](q)\n````\n";
    let expected = [(2, "b.md"), (2, "d/e.md#f"), (6, "l.svg"), (7, "n.md"), (9, "o.png")];
    assert_eq!(links(text), expected.map(|(line, target)| (line, target.to_owned())));
}

#[test]
fn anchors_follow_the_rule_of_github() {
    let text = "# One store source, every runtime\n## `race` it: A & B\n## [Why](x.md) not_so\n\
                ## Twice\n```sh\n# no heading\n```\n## Twice\n#no heading\n";
    let expected =
        ["one-store-source-every-runtime", "race-it-a--b", "why-not_so", "twice", "twice-1"];
    assert_eq!(anchors(text), expected);
}
