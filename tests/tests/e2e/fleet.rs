//! A fleet in one tree: three agents write to one MongoDB, and the tray shows all of them. One agent is
//! killed, and another one loses its network.

mod agents;

use std::time::{SystemTime, UNIX_EPOCH};

use bson::{Document, doc};
use mongodb::Client;
use rustix::process::Signal;
use up_tests::desktop::{Desktop, Shade, UpTray, becomes, eventually, pictures};
use up_tests::mongod::Mongod;
use up_tests::network_link::NetworkLink;
use up_tests::nginx::Nginx;
use up_tests::screen::{Area, Hue};
use up_tests::webdriver::DrivenPage;
use up_tests::witness::Witness;

use crate::{QUICK, page_by_second_start, panel};
use agents::{BERLIN, FleetAgent, FleetSite, HAMBURG, MUNICH, millis};

fn viewer(mongod: &Mongod) -> String {
    let uri = mongod.uri();
    format!("{QUICK}\n[[source]]\ntype = \"mongo\"\nname = \"Fleet\"\nuri = \"{uri}\"\n")
}

/// The rows of one agent and of what is below it: the depth below the agent, the name and the word.
async fn rows_of(page: &DrivenPage, agent: &str) -> Vec<(u32, String, String)> {
    let rows = page.rows().await;
    let mut rows = rows.into_iter().skip_while(|row| row.name != agent);
    let Some(first) = rows.next() else {
        return Vec::new();
    };
    let depth = first.level;
    let below = rows.take_while(|row| row.level > depth);
    [first]
        .into_iter()
        .chain(below)
        .map(|row| (row.level - depth, row.name.clone(), row.word().to_owned()))
        .collect()
}

/// Waits until all sources of an agent have that word.
async fn all_say(page: &DrivenPage, site: FleetSite, word: &str) {
    filter(page, &format!("/{}", site.agent())).await;
    let expected: Vec<_> = site
        .sources()
        .into_iter()
        .map(|name| (name, word.to_owned()))
        .collect();
    let is_source = |name: &str| name == "door" || name.contains(' ');
    becomes(
        format_args!("the sources of {}", site.name),
        &expected,
        async || {
            let rows = rows_of(page, &site.agent()).await.into_iter();
            rows.filter(|(_, name, _)| is_source(name))
                .map(|(_, name, word)| (name, word))
                .collect::<Vec<_>>()
        },
    )
    .await;
}

/// Types into the field that filters the rows.
async fn filter(page: &DrivenPage, text: &str) {
    let field = "input[aria-label^='Filter by']";
    page.wait_for(field).await;
    page.run(&format!(
        "const field = document.querySelector(\"{field}\");
         field.value = {text:?};
         field.dispatchEvent(new Event('input', {{ bubbles: true }}));"
    ))
    .await;
}

/// The dates of the samples in the MongoDB that match, in milliseconds, oldest first.
async fn written_dates(mongod: &Mongod, wanted: Document) -> Vec<i64> {
    let client = Client::with_uri_str(mongod.uri()).await.expect("a URI");
    let statuses = client.database("up").collection::<Document>("statuses");
    let mut found = statuses.find(wanted).await.expect("found");
    let mut dates = Vec::new();
    while found.advance().await.expect("read") {
        dates.push(millis(found.current().get_f64("date").expect("a date")));
    }
    dates.sort_unstable();
    dates
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    millis(now.expect("after 1970").as_secs_f64())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_agent_and_one_without_network_are_one_notification_each() {
    let desktop = Desktop::start().await;
    let witness = Witness::appear(&desktop).await;
    let (mongod, nginx) = (Mongod::start(), Nginx::start());
    let mut link = NetworkLink::to(([127, 0, 0, 1], mongod.port()).into()).await;
    let mut berlin = FleetAgent::start(BERLIN, &mongod.uri(), &nginx);
    let through = format!("mongodb://{}", link.address());
    let hamburg = FleetAgent::start(HAMBURG, &through, &nginx);
    let _munich = FleetAgent::start(MUNICH, &mongod.uri(), &nginx);
    let up = UpTray::start(&desktop, &viewer(&mongod));

    desktop.icon_turns(Hue::Green).await;
    let page = page_by_second_start(&up, &desktop).await;
    for site in [BERLIN, HAMBURG, MUNICH] {
        all_say(&page, site, "UP").await;
        let rows = rows_of(&page, &site.agent()).await;
        let is_tree =
            |(depth, name): (u32, &str)| rows.contains(&(depth, name.into(), "UP".into()));
        assert!(is_tree((0, &site.agent())), "{rows:?}");
        assert!(is_tree((1, site.name)), "{rows:?}");
        assert!(is_tree((2, site.trees[0])), "{rows:?}");
    }
    assert_eq!(witness.bubbles(), [], "what is up is no news");

    berlin.watch.end(Signal::KILL);
    let killed = witness.bubble(1).await;
    assert!(killed.body.contains("agent berlin is silent"), "{killed:?}");
    all_say(&page, BERLIN, "UNREACHABLE").await;
    page.row("agent", "DOWN").await;
    page.says("agent berlin is silent").await;
    desktop.icon_turns(Hue::Yellow).await;

    link.cut().await;
    let cut_off = now();
    let cut = witness.bubble(2).await;
    assert!(cut.body.contains("agent hamburg is silent"), "{cut:?}");
    all_say(&page, HAMBURG, "UNREACHABLE").await;
    // What happens meanwhile is in the history afterwards.
    hamburg.open_door();
    let door = HAMBURG.path("door");
    let before = hamburg.own_dates(&door).len();
    eventually("the agent goes on checking", async || {
        (hamburg.own_dates(&door).len() > before + 3).then_some(())
    })
    .await;
    hamburg.shut_door();
    link.mend().await;
    let mended = now();
    let over = witness.bubble(3).await;
    assert_eq!(
        over.replaces, cut.id,
        "the recovery takes its place: {over:?}"
    );
    all_say(&page, HAMBURG, "UP").await;

    for path in [door, HAMBURG.path("Web/web 1"), HAMBURG.path("Web")] {
        let own = hamburg.own_dates(&path);
        let of_the_cut = own.iter().filter(|date| (cut_off..mended).contains(*date));
        let count = of_the_cut.count();
        assert!(
            count > 10,
            "{path}: {count} samples of the time without network"
        );
        let dates = eventually(format_args!("all of {path} in the MongoDB"), async || {
            let dates = written_dates(&mongod, doc! { "path": &path }).await;
            let is_whole = own.iter().all(|date| dates.binary_search(date).is_ok());
            is_whole.then_some(dates)
        })
        .await;
        let mut once = dates.clone();
        once.dedup();
        assert_eq!(once, dates, "{path}: no sample is there twice");
    }

    berlin.start_again();
    let over = witness.bubble(4).await;
    assert_eq!(over.replaces, killed.id, "{over:?}");
    all_say(&page, BERLIN, "UP").await;
    desktop.icon_turns(Hue::Green).await;
    assert_eq!(witness.bubbles().len(), 4, "{:#?}", witness.bubbles());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_history_of_an_agents_source_on_a_dark_desktop() {
    history_in(Shade::Dark, "dark").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_history_of_an_agents_source_on_a_light_desktop() {
    history_in(Shade::Light, "light").await;
}

/// Opens the history of what an agent wrote, and takes pictures of the fleet with a silent agent.
async fn history_in(shade: Shade, name: &str) {
    let mut desktop = Desktop::bare(shade).await;
    desktop.paint_background();
    desktop.start_tray_host().await;
    desktop.start_dunst().await;
    let (mongod, nginx) = (Mongod::start(), Nginx::start());
    let agents =
        [BERLIN, HAMBURG, MUNICH].map(|site| FleetAgent::start(site, &mongod.uri(), &nginx));
    let [berlin, mut hamburg, _munich] = agents;
    let up = UpTray::start(&desktop, &viewer(&mongod));
    desktop.icon_turns(Hue::Green).await;
    let page = page_by_second_start(&up, &desktop).await;
    let keep = |what: &str| {
        let screen = desktop.screen();
        assert!(screen.colours() > 50, "the picture shows something");
        screen.save(&pictures().join(format!("screens/fleet-{name}-{what}.png")));
    };
    let wide = Area {
        left: 384,
        top: 40,
        width: 880,
        height: 700,
    };
    desktop.put(&panel(&desktop).await, wide);
    hamburg.watch.end(Signal::KILL);

    filter(&page, "/berlin/Berlin/door").await;
    berlin.open_door();
    let row = page.row("door", "DOWN").await;
    assert!(row.says("the door is open"), "{row:?}");
    eventually("an outage in the MongoDB", async || {
        let down = doc! { "path": BERLIN.path("door"), "up": 0.0 };
        (written_dates(&mongod, down).await.len() > 3).then_some(())
    })
    .await;
    berlin.shut_door();
    page.row("door", "UP").await;
    page.click("[role=treeitem][data-path='/Example/Fleet/berlin/Berlin/door']")
        .await;
    let section = "section[aria-label='History of door']";
    // The shortest span is refreshed most often.
    page.click(&format!("{section} [role=radiogroup] button"))
        .await;
    let text = eventually("the history of the outage", async || {
        let text = page.text_of(section).await?;
        let is_there = text.contains("Down\n1") && text.contains("the door is open");
        is_there.then_some(text)
    })
    .await;
    let store = format!("from MongoDB 127.0.0.1:{}/up", mongod.port());
    assert!(text.contains(&store), "{text}");
    let chart = "[role=slider][aria-label^='Status and duration of door']";
    eventually("the outage in the line of the chart", async || {
        (page.painted(chart, Hue::Red).await > 10).then_some(())
    })
    .await;

    all_say(&page, HAMBURG, "UNREACHABLE").await;
    page.row("agent", "DOWN").await;
    eventually("the notification by dunst", async || {
        let told = desktop.told_by_dunst();
        (told.matches("agent: DOWN").count() == 1).then_some(())
    })
    .await;
    desktop.point((1279, 799));
    keep("silent");
    filter(&page, "").await;
    keep("history");
}
