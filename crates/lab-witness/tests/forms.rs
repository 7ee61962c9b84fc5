//! The same facts in every form: text, Mermaid, SVG, JSON.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use lab_task::Anomaly;
use lab_witness::{Lane, Row, Searched, Share, Witness};

/// What markup, statements and entities are made of, and more than a line takes.
const NASTY: &str = "end; loop #35; %%{init: {}}%% <b>&amp;\"'`\\ style:a;b ]]> --> -x- ]] \
                     participant @{ $$x$$ ﬂ°59¶ß wrap: опа́сно 任务 \
                     a_word_that_is_longer_than_any_line_of_any_cell_can_be_without_being_broken";

fn row(lane: usize, text: &str, part: usize) -> Row {
    Row {
        lane,
        is_preemption: lane == 1,
        text: text.to_owned(),
        still_lose: Some(Share { part, of: 7 }),
        is_point_of_no_return: part == 7,
        stored: Some(format!("v{part}, {text}")),
    }
}

fn lane(name: &str, role: &str) -> Lane {
    Lane { name: name.to_owned(), role: role.to_owned() }
}

fn witness(said: &str) -> Witness {
    Witness {
        store: "memory/naive_vec".to_owned(),
        scenario: "log_time@3x2".to_owned(),
        found_in: vec!["log_time@3x2".to_owned()],
        story: "two people log time".to_owned(),
        anomaly: Some(Anomaly::LostUpdate),
        has_failed: false,
        token: "memory/naive_vec:log_time@3x2:ABBA".to_owned(),
        changed: Some(format!("step 2 is now {said}")),
        search: Some(Searched {
            found_after: 2,
            lose: Share { part: 41, of: 97 },
            is_complete: true,
        }),
        lanes: vec![lane("client A", said), lane(&format!("client B {said}"), "")],
        before: format!("before {said}"),
        rows: vec![row(0, "read v1", 3), row(1, &format!("write {said}"), 7), row(0, said, 7)],
        lay_before: vec![format!("tasks.json: {said}")],
        lies_after: vec![format!("tasks.json: now {said}"), "tasks.json: ]}".to_owned()],
        after: "v3".to_owned(),
        consequence: format!("so it came {said}"),
        cause: Some(format!("because {said}")),
        cures: vec![format!("memory/mutex helps {said}"), format!("another {said}")],
    }
}

/// Each fact that a person is to learn.
fn facts(witness: &Witness) -> Vec<String> {
    let search = witness.search.unwrap();
    let mut facts = vec!["LOST UPDATE".to_owned(), "point of no return".to_owned()];
    let words = [&witness.store, &witness.scenario, &witness.before, &witness.consequence];
    facts.extend(
        words
            .into_iter()
            .chain(&witness.cause)
            .chain(&witness.changed)
            .chain(&witness.cures)
            .cloned(),
    );
    facts.push(format!("racelab replay {}", witness.token));
    facts.extend([search.to_string(), search.lose.to_string()]);
    for lane in &witness.lanes {
        facts.extend([lane.name.clone(), lane.role.clone()]);
    }
    for (number, row) in (1..).zip(&witness.rows) {
        let preemption = if row.is_preemption { "⇄" } else { "" };
        facts.push(format!("{number}{preemption}"));
        facts.extend([row.text.clone(), row.stored.clone().unwrap()]);
        facts.push(row.still_lose.unwrap().to_string());
    }
    facts
}

/// Without blanks: where lines are broken is not a fact.
fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

/// What a reader of the diagram sees.
fn seen_in_mermaid(diagram: &str) -> String {
    let mut seen = String::new();
    let mut rest = diagram;
    while let Some((text, after)) = rest.split_once('#') {
        let (code, after) = after.split_once(';').unwrap();
        let letter = char::from_u32(code.parse().unwrap()).unwrap();
        // Markup that was escaped shall not be taken for a line break below.
        seen.push_str(&text.replace("<br/>", "\n"));
        seen.push(letter);
        rest = after;
    }
    seen + &rest.replace("<br/>", "\n")
}

/// What a reader of the picture sees: the text between the tags.
fn seen_in_svg(svg: &str) -> String {
    let texts = svg.split('>').filter_map(|part| part.split_once('<')).map(|(text, _)| text);
    let texts = texts.collect::<Vec<_>>().join("\n");
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    entities.iter().fold(texts, |text, (entity, letter)| text.replace(entity, letter))
}

#[test]
fn each_fact_is_in_each_form() {
    for said in ["and well", NASTY] {
        let witness = witness(said);
        let json = serde_json::to_string(&witness).unwrap();
        assert_eq!(serde_json::from_str::<Witness>(&json).unwrap(), witness);
        let text = witness.to_text();
        let forms = [text, seen_in_mermaid(&witness.to_mermaid()), seen_in_svg(&witness.to_svg())];
        for form in forms.map(|form| bare(&form)) {
            for fact in facts(&witness) {
                assert!(form.contains(&bare(&fact)), "{fact:?} is not in {form}");
            }
        }
    }
}

#[test]
fn a_replayed_schedule_is_drawn_without_shares() {
    let mut witness = witness("and well");
    witness.search = None;
    witness.anomaly = None;
    for row in &mut witness.rows {
        row.still_lose = None;
        row.is_point_of_no_return = false;
    }
    for form in [witness.to_text(), witness.to_mermaid(), witness.to_svg()] {
        assert!(form.contains("HOLDS"), "{form}");
        assert!(!form.contains("lose") && !form.contains("no return"), "{form}");
    }
}

#[test]
fn the_steps_that_a_diagram_has_no_room_for_are_counted() {
    let mut witness = witness("and well");
    witness.rows = (0..250).map(|at| row(at % 2, "step", if at == 200 { 7 } else { 6 })).collect();
    let cut = "… and 150 more steps, the point of no return among them";
    for form in [witness.to_mermaid(), witness.to_svg()] {
        assert!(form.contains(cut), "{form}");
    }
    assert!(witness.to_mermaid().len() < 50_000, "more than GitHub draws");
    witness.rows.truncate(101);
    assert!(witness.to_svg().contains("… and 1 more step; `racelab replay` shows all"));
    witness.rows.truncate(100);
    assert!(!witness.to_svg().contains('…'));
}

#[test]
fn a_picture_is_as_wide_as_its_longest_line_and_no_wider() {
    let width = |said: &str| -> usize {
        let svg = witness(said).to_svg();
        svg.split_once("width=\"").unwrap().1.split_once('"').unwrap().0.parse().unwrap()
    };
    assert!(width("") < width("a longer text"));
    assert_eq!(width(&"word ".repeat(200)), width(&"word ".repeat(900)));
}

#[test]
fn a_witness_without_steps_is_drawn_all_the_same() {
    let mut empty = witness("");
    empty.lanes.clear();
    empty.rows.clear();
    assert!(empty.to_mermaid().contains("Note over store: so: so it came"));
    assert!(empty.to_svg().ends_with("</svg>\n"));
    let mut odd = witness("");
    odd.rows = vec![row(9, "of nobody", 7)];
    assert!(odd.to_svg().contains("point of no return"));
}
