use crate::facts::{MfaDevice, MfaKind, Read, Unread, User, WhyUnread};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// An administrator's user whose sign-in can be phished.
    ///
    /// ## What it checks
    ///
    /// Users with a console password who are administrators or can become ones, as `user-admin` finds them, possibly or
    /// for certain, and who can sign in with something other than a passkey or a security key (FIDO2): with a virtual MFA
    /// device, with a hardware token that shows codes, or with the password alone. One such device beside a passkey is
    /// enough, because whoever signs in picks the device. With `allowHardwareTokens` (false by default) a hardware token
    /// is fine.
    ///
    /// Users without a console password are fine: the command line takes codes only.
    ///
    /// ## Why it matters
    ///
    /// A page that looks like the console's asks for the code, too, and has used it before it changes. A passkey or
    /// security key answers to the real page alone.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: the device is in the user's hands. It registers a passkey or security key under "Security
    /// credentials" in the console, then takes the other device off with
    /// `aws iam deactivate-mfa-device --user-name NAME --serial-number SERIAL`; `aws iam list-mfa-devices --user-name NAME`
    /// shows the serial numbers.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN.
    ///
    /// ## References
    ///
    /// NIST SP 800-53 IA-2(1), and SP 800-63B on phishing resistance; IAM User Guide, "AWS Multi-factor authentication in
    /// IAM". Beyond Security Hub IAM.5 and CIS AWS Foundations 1.9, which any MFA device satisfies.
    MfaNotPhishingResistant {
        id: "mfa-not-phishing-resistant",
        severity: High,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:IA-2(1)"],
        journey: (Foundation, effort: Low, benefit: High),
        needs: [Privileges, LoginProfile, MfaDevices],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Whether a hardware token that shows codes is enough. Its codes can be phished as any others.
    "allowHardwareTokens" => allow_hardware_tokens: Flag = false,
}

/// Who signs in, and by what that can be phished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Phishable {
    is_admin: bool,
    /// None where there is no device at all.
    devices: Vec<String>,
}

impl Rule for MfaNotPhishingResistant {
    type Subject = User;
    type Params = Params;
    type Finding = Phishable;

    fn evaluate(user: &User, params: &Params, _: &Context) -> Verdict<Phishable> {
        // What is cheap to know and settles it comes first.
        let password = user.login_profile.known();
        if matches!(password, Ok(None)) {
            return Verdict::Compliant;
        }
        let privileges = match user.privileges.known() {
            Ok(Some(privileges)) => privileges,
            Ok(None) => return Verdict::Compliant,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        let strength_unknown = if privileges.is_platinum() {
            None
        } else {
            match privileges.unread() {
                None => return Verdict::Compliant,
                unknown => unknown,
            }
        };
        let devices = match user.mfa_devices.list() {
            Ok(devices) => phishable(devices, params),
            Err(unread) => Err(unread.clone()),
        };
        let devices = match devices {
            Ok(Some(devices)) => devices,
            Ok(None) => return Verdict::Compliant,
            // What could be asked for comes before what cannot.
            Err(unread) => return Verdict::Unknown(strength_unknown.unwrap_or(unread)),
        };
        match (password, strength_unknown) {
            (Err(unread), _) => Verdict::Unknown(unread.clone()),
            (Ok(_), Some(unread)) => Verdict::Unknown(unread),
            (Ok(_), None) => Verdict::NonCompliant(Phishable { is_admin: privileges.admin, devices }),
        }
    }

    fn annotate(finding: &Phishable, _: &Params) -> String {
        let who = if finding.is_admin { "administrator" } else { "can become administrator" };
        if finding.devices.is_empty() {
            format!("{who}; signs in to the console without an MFA device")
        } else {
            format!(
                "{who}; signs in to the console with codes, which can be phished: {}",
                finding.devices.join(", ")
            )
        }
    }
}

/// The devices by which a sign-in can be phished; none of them where there is no device at all, and `None` where every
/// one is proof against it.
fn phishable(devices: &[MfaDevice], params: &Params) -> Result<Option<Vec<String>>, Unread> {
    let mut found = Vec::new();
    let mut unknown = None;
    for device in devices {
        let Some(serial) = &device.serial else {
            unknown = Some(Unread::new(Read::ListMfaDevices, WhyUnread::NotRead, ""));
            continue;
        };
        match MfaKind::of_serial(serial) {
            Some(MfaKind::SecurityKey) => {}
            Some(MfaKind::HardwareToken) if params.allow_hardware_tokens.is_set() => {}
            Some(MfaKind::HardwareToken | MfaKind::Virtual | MfaKind::Sms) => found.push(serial.clone()),
            None => {
                let why = format!("`{serial}` is of no known kind of device");
                unknown = unknown.or(Some(Unread::new(Read::ListMfaDevices, WhyUnread::Failed, why)));
            }
        }
    }
    match unknown {
        _ if !found.is_empty() || devices.is_empty() => Ok(Some(found)),
        Some(unread) => Err(unread),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, context, days, privileged, throttled};
    use crate::facts::{Fact, Privileges};
    use crate::policy::analysis::Tier;

    const KEY: &str = "arn:aws:iam::111122223333:u2f/user/alice/yubi-5VQK2E";
    const APP: &str = "arn:aws:iam::111122223333:mfa/alice";
    const TOKEN: &str = "GAHT12345678";

    fn admin(serials: &[&str]) -> User {
        let devices = serials.iter().map(|serial| MfaDevice { serial: Some((*serial).to_owned()) });
        User {
            mfa_devices: Fact::Known(devices.collect()),
            privileges: Fact::Known(privileged(Tier::Platinum)),
            ..alice().with_password(days(1))
        }
    }

    fn judge(user: &User) -> Verdict<Phishable> {
        MfaNotPhishingResistant::evaluate(user, &Params::default(), &context())
    }

    fn found(devices: &[&str]) -> Verdict<Phishable> {
        let devices = devices.iter().map(|serial| (*serial).to_owned()).collect();
        Verdict::NonCompliant(Phishable { is_admin: true, devices })
    }

    #[test]
    fn every_device_must_be_a_passkey_or_security_key() {
        assert_eq!(judge(&admin(&[KEY])), Verdict::Compliant);
        assert_eq!(
            judge(&admin(&[KEY, "arn:aws-us-gov:iam::111122223333:u2f/user/alice/b"])),
            Verdict::Compliant
        );
        assert_eq!(judge(&admin(&[APP])), found(&[APP]));
        assert_eq!(judge(&admin(&[KEY, APP])), found(&[APP]));
        assert_eq!(judge(&admin(&[TOKEN])), found(&[TOKEN]));
        assert_eq!(
            judge(&admin(&["arn:aws:iam::111122223333:sms-mfa/alice"])),
            found(&["arn:aws:iam::111122223333:sms-mfa/alice"])
        );
        assert_eq!(judge(&admin(&[])), found(&[]));
    }

    #[test]
    fn a_hardware_token_is_fine_where_the_parameter_says_so() {
        let params = Params { allow_hardware_tokens: crate::rules::Flag::of(true) };
        let judge = |user: &User| MfaNotPhishingResistant::evaluate(user, &params, &context());
        assert_eq!(judge(&admin(&[TOKEN, KEY])), Verdict::Compliant);
        assert_eq!(judge(&admin(&[TOKEN, APP])), found(&[APP]));
        assert_eq!(judge(&admin(&[])), found(&[]));
    }

    #[test]
    fn only_administrators_who_sign_in_to_the_console_are_held_to_it() {
        assert_eq!(judge(&User { login_profile: Fact::Absent, ..admin(&[APP]) }), Verdict::Compliant);
        let gold = User { privileges: Fact::Known(privileged(Tier::Gold)), ..admin(&[APP]) };
        assert_eq!(judge(&gold), Verdict::Compliant);
    }

    #[test]
    fn one_certain_answer_is_enough_and_no_more_is_assumed() {
        let unread = || throttled(Read::ListMfaDevices);
        let why = |user: &User| match judge(user) {
            Verdict::Unknown(unread) => Some((unread.read, unread.why)),
            _ => None,
        };
        let unknown_power: Fact<Privileges> = Fact::Unknown(throttled(Read::GetAccountAuthorizationDetails));
        let untold = Privileges { errors: vec!["policy `p`: gone".into()], ..privileged(Tier::Silver) };
        let power = (Read::GetAccountAuthorizationDetails, WhyUnread::Throttled);
        let devices = (Read::ListMfaDevices, WhyUnread::Throttled);
        let table = [
            (User { mfa_devices: Fact::Unknown(unread()), ..admin(&[]) }, Some(devices)),
            (User { mfa_devices: Fact::Unknown(unread()), login_profile: Fact::Absent, ..admin(&[]) }, None),
            (User { privileges: unknown_power.clone(), ..admin(&[APP]) }, Some(power)),
            (User { privileges: unknown_power, login_profile: Fact::Absent, ..admin(&[APP]) }, None),
            (
                User { privileges: Fact::Known(untold.clone()), ..admin(&[APP]) },
                Some((Read::GetAccountAuthorizationDetails, WhyUnread::Incomplete)),
            ),
            (User { privileges: Fact::Known(untold), ..admin(&[KEY]) }, None),
            (
                User { login_profile: Fact::Unknown(throttled(Read::GetLoginProfile)), ..admin(&[APP]) },
                Some((Read::GetLoginProfile, WhyUnread::Throttled)),
            ),
            (User { login_profile: Fact::Unknown(throttled(Read::GetLoginProfile)), ..admin(&[KEY]) }, None),
        ];
        for (user, expected) in table {
            assert_eq!(why(&user), expected, "{:?} {:?}", user.login_profile, user.mfa_devices);
            if expected.is_none() {
                assert_eq!(judge(&user), Verdict::Compliant);
            }
        }
    }

    #[test]
    fn the_credential_reports_device_takes_a_closer_look_unless_another_settles_it() {
        let unnamed = MfaDevice { serial: None };
        let known = |devices: Vec<MfaDevice>| User { mfa_devices: Fact::Known(devices), ..admin(&[]) };
        let Verdict::Unknown(unread) = judge(&known(vec![unnamed.clone()])) else { panic!() };
        assert_eq!((unread.read, unread.why), (Read::ListMfaDevices, WhyUnread::NotRead));
        let app = MfaDevice { serial: Some(APP.to_owned()) };
        assert_eq!(judge(&known(vec![unnamed, app])), found(&[APP]));
        let strange = judge(&admin(&[KEY, "arn:aws:iam::111122223333:other/alice"]));
        let Verdict::Unknown(unread) = strange else { panic!("{strange:?}") };
        assert_eq!(unread.why, WhyUnread::Failed);
    }

    #[test]
    fn says_by_what_it_can_be_phished() {
        let said = |is_admin, devices: &[&str]| {
            let devices = devices.iter().map(|serial| (*serial).to_owned()).collect();
            MfaNotPhishingResistant::annotate(&Phishable { is_admin, devices }, &Params::default())
        };
        assert_eq!(said(true, &[]), "administrator; signs in to the console without an MFA device");
        assert_eq!(
            said(false, &[TOKEN]),
            "can become administrator; signs in to the console with codes, which can be phished: GAHT12345678"
        );
    }
}
