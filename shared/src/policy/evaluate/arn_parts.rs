/// The six parts of an ARN, or of a pattern for one: `arn`, partition, service, region, account and resource, which may
/// hold colons itself.
///
/// Every request has several ARNs to cut up; finding bytes one by one is fastest for parts as short as these.
pub(super) fn arn_parts(text: &str) -> Option<[&str; 6]> {
    let mut rest = text;
    let mut next = || {
        let colon = rest.bytes().position(|byte| byte == b':')?;
        let (part, tail) = (rest.get(..colon)?, rest.get(colon + 1..)?);
        rest = tail;
        Some(part)
    };
    let first = [next()?, next()?, next()?, next()?, next()?];
    let [arn, partition, service, region, account] = first;
    Some([arn, partition, service, region, account, rest])
}
