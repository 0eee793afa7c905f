use std::fmt::Write as _;

/// Lines around a change that are shown to tell where it is.
const AROUND: usize = 3;

/// What an edit changes, as `diff -u` says it, in one piece. Its lines are kept whole.
pub(super) fn difference(name: &str, before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same_start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - same_start;
    let same_end = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let from = same_start.saturating_sub(AROUND);
    let behind = same_end.min(AROUND);
    let (old_end, new_end) = (old.len() - same_end, new.len() - same_end);
    let mut text = format!("--- {name}\n+++ {name}\n");
    let _ = writeln!(
        text,
        "@@ -{},{} +{},{} @@",
        from + 1,
        old_end + behind - from,
        from + 1,
        new_end + behind - from
    );
    let mut show = |mark: char, lines: &[&str]| {
        for line in lines {
            let _ = writeln!(text, "{mark}{line}");
        }
    };
    show(' ', old.get(from..same_start).unwrap_or_default());
    show('-', old.get(same_start..old_end).unwrap_or_default());
    show('+', new.get(same_start..new_end).unwrap_or_default());
    show(' ', old.get(old_end..old_end + behind).unwrap_or_default());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_stands_between_three_lines_before_and_after() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n";
        let after = "1\n2\n3\n4\nx\ny\n5\n6\n7\n8\n";
        let expected = "--- f\n+++ f\n@@ -2,6 +2,8 @@\n 2\n 3\n 4\n+x\n+y\n 5\n 6\n 7\n";
        assert_eq!(difference("f", before, after), expected);
        let replaced = difference("f", before, &before.replace('8', "z"));
        assert_eq!(replaced, "--- f\n+++ f\n@@ -5,4 +5,4 @@\n 5\n 6\n 7\n-8\n+z\n");
        // A line twice over is not counted from both sides.
        assert_eq!(difference("f", "a\na\n", "a\na\na\n"), "--- f\n+++ f\n@@ -1,2 +1,3 @@\n a\n a\n+a\n");
    }
}
