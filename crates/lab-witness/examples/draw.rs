fn main() {
    let w: Vec<lab_witness::Witness> = serde_json::from_value(serde_json::from_str::<serde_json::Value>(&std::fs::read_to_string("/work/main/reports/races.json").unwrap()).unwrap()["witnesses"].take()).unwrap();
    std::fs::create_dir_all("/tmp/draw").unwrap();
    for x in &w {
        let n = format!("/tmp/draw/{}.{}.{:?}", x.store.replace('/', "."), x.scenario, x.anomaly.unwrap());
        std::fs::write(format!("{n}.svg"), x.to_svg()).unwrap();
        std::fs::write(format!("{n}.md"), format!("```mermaid\n{}```\n", x.to_mermaid())).unwrap();
    }
}
