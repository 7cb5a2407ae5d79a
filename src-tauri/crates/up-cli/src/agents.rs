//! `up agents`: who writes to the same `MongoDB`.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde::Serialize;
use up_engine::agents::{AgentStatus, StoreAgents, ask_agents};

use crate::args::Cli;
use crate::config::{config_file, plan};
use crate::failure::CommandFailure;
use crate::output::print;
use crate::time;

#[derive(Serialize)]
struct AgentsJson<'a> {
    schema: u8,
    stores: Vec<StoreJson<'a>>,
}

#[derive(Serialize)]
struct StoreJson<'a> {
    store: &'a str,
    agents: Vec<AgentJson<'a>>,
}

#[derive(Serialize)]
struct AgentJson<'a> {
    name: &'a str,
    last_contact: f64,
    version: Option<&'a str>,
    sources: u64,
    interval: Option<f64>,
    silent: Option<bool>,
}

/// Lists the agents, those that were last in contact first.
pub(crate) async fn list(cli: &Cli) -> Result<ExitCode, CommandFailure> {
    let plan = plan(&config_file(cli)?)?;
    let stores = ask_agents(&plan).await?;
    if stores.is_empty() {
        let text = "this configuration has no MongoDB: neither a [[sink]] nor a [[source]] of \
             type = \"mongo\"";
        return Err(CommandFailure::Usage(text.into()));
    }
    if !cli.json {
        return print(&lines(&stores));
    }
    let document = AgentsJson {
        schema: 1,
        stores: stores.iter().map(store_json).collect(),
    };
    let text = serde_json::to_string(&document).map_err(CommandFailure::json)?;
    print(&format!("{text}\n"))
}

fn store_json(store: &StoreAgents) -> StoreJson<'_> {
    StoreJson {
        store: &store.store,
        agents: store.agents.iter().map(agent_json).collect(),
    }
}

fn agent_json(agent: &AgentStatus) -> AgentJson<'_> {
    AgentJson {
        name: &agent.name,
        last_contact: agent.last_contact,
        version: Some(&*agent.version).filter(|version| !version.is_empty()),
        sources: agent.sources,
        interval: agent.interval,
        silent: agent.silent,
    }
}

fn lines(stores: &[StoreAgents]) -> String {
    let mut text = String::new();
    for store in stores {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}:", store.store);
        if store.agents.is_empty() {
            text.push_str("    nobody writes there\n");
        }
        for agent in &store.agents {
            let _ = writeln!(text, "    {}", line(agent));
        }
    }
    text
}

fn line(agent: &AgentStatus) -> String {
    let name = match agent.name.as_str() {
        "" => "no agent",
        name => name,
    };
    let version = match agent.version.as_str() {
        "" => String::new(),
        version => format!(", Up {version}"),
    };
    let silent = if agent.silent == Some(true) {
        ", silent"
    } else {
        ""
    };
    let sources = if agent.sources == 1 {
        "source"
    } else {
        "sources"
    };
    format!(
        "{}  {name}: {} {sources}{version}{silent}",
        time::local(agent.last_contact),
        agent.sources
    )
}
