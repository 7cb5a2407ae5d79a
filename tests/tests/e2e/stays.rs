//! The panel stays on its own pages, wherever a page, a link or a script would lead it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use up_tests::desktop::{Desktop, UpTray};
use up_tests::hostile::{Hostile, scripts};
use up_tests::nginx::Nginx;
use up_tests::screen::Hue;

use crate::{page_by_second_start, prod};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leads_the_panel_away() {
    let desktop = Desktop::start().await;
    let nginx = Nginx::start();
    // WebKit connects before it announces the navigation, and closes the connection unused.
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heads = Arc::clone(&asked);
    let elsewhere = Hostile::route(move |head| {
        let is_asked = !head.is_empty();
        let mut asked = heads.lock().expect("nobody panics while it holds this");
        asked.extend(is_asked.then(|| head.to_owned()));
        scripts::ok()
    })
    .await;
    let up = UpTray::start(&desktop, &prod(&nginx));
    desktop.icon_turns(Hue::Green).await;
    let page = page_by_second_start(&up, &desktop).await;
    page.row("PROD", "UP").await;
    let home = page.run("return location.href").await;
    let url = elsewhere.url("/");
    let ways = [
        format!("location = '{url}'"),
        format!("location.replace('{url}')"),
        format!("window.open('{url}')"),
        format!("window.open('{url}', '_top')"),
        link(&url, ""),
        link(&url, "a.target = '_blank'"),
        link(&url, "a.download = 'x'"),
        link("data:text/plain,x", "a.download = 'x'"),
        format!(
            "const f = document.createElement('iframe'); f.src = '{url}'; document.body.append(f)"
        ),
        "location = 'file:///etc/passwd'".to_owned(),
        "location = 'data:text/html,elsewhere'".to_owned(),
        "location = 'about:blank'".to_owned(),
    ];
    for way in ways {
        page.run(&way).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(page.run("return location.href").await, home, "{way}");
        page.row("PROD", "UP").await;
        let asked = asked.lock().expect("nobody panics while it holds this");
        assert_eq!(*asked, Vec::<String>::new(), "nobody was asked by {way}");
    }
    assert_eq!(desktop.windows("Up").len(), 1, "no other window");
}

/// Adds a link to the page and clicks it.
fn link(url: &str, more: &str) -> String {
    format!(
        "const a = document.createElement('a'); a.href = '{url}'; {more}; \
         document.body.append(a); a.click(); a.remove()"
    )
}
