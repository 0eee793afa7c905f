"""All mutants in one build: every function that has some holds its body once for each, behind a switch."""

import json
import os
import re
import subprocess
import sys
from collections import defaultdict

from .mutants import Span

# Asked at the start of each function: notes that the running test came here, and says which mutant is on.
SWITCH = '''
#![allow(missing_docs)]
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::LazyLock;

static ON: LazyLock<u32> = LazyLock::new(|| std::env::var("MUTANT").ok().and_then(|on| on.parse().ok()).unwrap_or(0));
static REACHED: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("MUTANT_REACHED").ok());
thread_local! { static SEEN: RefCell<BTreeSet<u32>> = const { RefCell::new(BTreeSet::new()) }; }

pub fn on(function: u32) -> u32 {
    if let Some(path) = &*REACHED {
        let new = SEEN.try_with(|seen| seen.borrow_mut().insert(function)).unwrap_or(false);
        if new && let Ok(mut file) = std::fs::OpenOptions::new().create(true).append(true).open(path) {
            let thread = std::thread::current();
            let _ = file.write_all(format!("{} {function}\\n", thread.name().unwrap_or("?")).as_bytes());
        }
    }
    *ON
}
'''

TOKEN = re.compile(
    r'''//[^\n]*|/\*.*?\*/|b?r(?P<hashes>\#*)".*?"(?P=hashes)|b?"(?:\\.|[^"\\])*"|b?'(?:\\.[^']*|[^'\\])'|[{}]''', re.S
)


def body(text, function):
    """What stands between the braces of a function."""
    depth, start = 0, None
    for token in TOKEN.finditer(text, function.start, function.end):
        if token.group() == "{":
            if depth == 0:
                start = token.end()
            depth += 1
        elif token.group() == "}":
            depth -= 1
    return Span(start, function.end - 1)


def write(tree, mutants, target):
    """Puts the switches into the tree. Returns the mutants by the number that turns them on, each with its function's, and
    why the others have none."""
    originals = {mutant.file: (tree / mutant.file).read_text() for mutant in mutants}
    numbers = dict(enumerate(mutants, 1))
    without = {}
    functions = {}
    for number, mutant in list(numbers.items()):
        outermost = max(
            (one.function for one in mutants if one.file == mutant.file and one.function.holds(mutant.function)),
            key=lambda span: span.end - span.start,
        )
        functions[number] = (mutant.file, outermost)
        text = originals[mutant.file]
        inside = body(text, outermost)
        head = text[outermost.start : inside.start]
        if re.search(r"\bconst\s+(unsafe\s+)?fn\b", head):
            without[numbers.pop(number)] = "in a const function"
        elif not inside.holds(mutant.changed):
            without[numbers.pop(number)] = "outside of a body"
    ids = {function: number for number, function in enumerate(dict.fromkeys(functions.values()), 1)}

    library = tree / "shared/src/lib.rs"
    library.write_text(library.read_text() + "\npub mod mutation_switch;\n")
    (tree / "shared/src/mutation_switch.rs").write_text(SWITCH)
    while True:
        lines = _write_files(tree, originals, numbers, functions, ids)
        broken = _broken(tree, target, lines)
        if not broken:
            break
        print(f"{len(broken)} do not compile", file=sys.stderr, flush=True)
        for number in broken:
            without[numbers.pop(number)] = "does not compile"
    return {number: (mutant, ids[functions[number]]) for number, mutant in numbers.items()}, without


def _write_files(tree, originals, numbers, functions, ids):
    """Returns which mutants stand at which lines: the arms of their own, and the functions around them."""
    arms = defaultdict(list)
    by_file = defaultdict(lambda: defaultdict(list))
    for number in numbers:
        file, function = functions[number]
        by_file[file][function].append(number)
    for file, text in originals.items():
        out, at, line = [], 0, 1
        for function, its in sorted(by_file[file].items(), key=lambda one: one[0].start):
            inside = body(text, function)
            piece = text[at : inside.start] + f"\nmatch crate::mutation_switch::on({ids[file, function]}) {{\n"
            out.append(piece)
            line += piece.count("\n")
            first = line
            for number in its:
                mutant = numbers[number]
                changed = text[inside.start : mutant.changed.start] + " " + mutant.replacement + " "
                changed += text[mutant.changed.end : inside.end]
                piece = f"{number} => {{{changed}\n}}\n"
                arms[file].append((line, line + piece.count("\n") - 1, [number]))
                out.append(piece)
                line += piece.count("\n")
            piece = f"_ => {{{text[inside.start : inside.end]}\n}} }}\n"
            out.append(piece)
            line += piece.count("\n")
            arms[file].append((first - 1, line, its))
            at = inside.end
        out.append(text[at:])
        (tree / file).write_text("".join(out))
    return arms


def _broken(tree, target, arms):
    checked = subprocess.run(
        ["cargo", "check", "-p", "shared", "--message-format", "json", "--quiet"],
        cwd=tree, stdout=subprocess.PIPE, env=environment(target),
    )
    broken, elsewhere = set(), []
    for line in checked.stdout.decode().splitlines():
        message = json.loads(line).get("message")
        if not message or message["level"] != "error" or not message["spans"]:
            continue
        own = [span for span in message["spans"] if span["is_primary"]]
        found = _at(arms, own) or _at(arms, message["spans"]) or _at(arms, own, whole=True)
        broken |= found
        if not found:
            elsewhere.append(message["rendered"])
    if checked.returncode and not broken:
        sys.exit("".join(elsewhere) or "cargo check failed without an error")
    return broken


def _at(arms, spans, whole=False):
    return {
        number
        for span in spans
        for first, last, numbers in arms.get(span["file_name"], ())
        if first <= span["line_start"] <= last and (whole or len(numbers) == 1)
        for number in numbers
    }


def environment(target):
    flags = "-A warnings -A missing_docs"
    return os.environ | {
        "CARGO_TARGET_DIR": str(target), "RUSTFLAGS": flags, "CARGO_INCREMENTAL": "0",
        "CARGO_PROFILE_DEV_OPT_LEVEL": "1", "CARGO_PROFILE_DEV_DEBUG": "false",
    }
