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
