use shared::engine::Page;

use crate::random::Random;

/// How AWS cuts listings into pages. It may give fewer than were asked for, or none, with more to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageSizes {
    /// Pages of this many.
    Of(usize),
    /// Pages of 0 to 7, by a seed.
    Odd(u64),
}

impl PageSizes {
    /// The page that a marker begins; the first without one. A marker nobody gave out begins nothing.
    pub(crate) fn page<T>(self, items: impl IntoIterator<Item = T>, marker: Option<&str>) -> Page<T> {
        let (offset, number) = match marker {
            None => (0, 0),
            Some(marker) => match marker.split_once('.').map(|(a, b)| (a.parse(), b.parse())) {
                Some((Ok(offset), Ok(number))) => (offset, number),
                _ => return Page { items: Vec::new(), next: None },
            },
        };
        let size = self.size(number);
        let mut rest = items.into_iter().skip(offset);
        let items: Vec<T> = rest.by_ref().take(size).collect();
        let next = rest.next().map(|_| format!("{}.{}", offset + items.len(), number + 1));
        Page { items, next }
    }

    fn size(self, number: u64) -> usize {
        match self {
            Self::Of(size) => size.max(1),
            Self::Odd(seed) => {
                let size = Random::new(seed ^ number.wrapping_mul(0x9e37)).below(8);
                usize::try_from(size).unwrap_or_default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(sizes: PageSizes, count: usize) -> (Vec<usize>, Vec<usize>) {
        let (mut all, mut lengths, mut marker) = (Vec::new(), Vec::new(), None);
        loop {
            let page = sizes.page(0..count, marker.as_deref());
            lengths.push(page.items.len());
            all.extend(page.items);
            match page.next {
                Some(next) => marker = Some(next),
                None => return (all, lengths),
            }
        }
    }

    #[test]
    fn every_item_is_on_exactly_one_page() {
        for seed in 0..20 {
            let (all, lengths) = walk(PageSizes::Odd(seed), 100);
            assert_eq!(all, (0..100).collect::<Vec<_>>());
            assert!(lengths.iter().all(|length| *length < 8));
        }
        assert_eq!(walk(PageSizes::Of(40), 100).1, [40, 40, 20]);
        assert_eq!(walk(PageSizes::Of(100), 100).1, [100]);
    }

    #[test]
    fn odd_pages_are_empty_now_and_then() {
        assert!(walk(PageSizes::Odd(1), 100).1.contains(&0));
    }
}
