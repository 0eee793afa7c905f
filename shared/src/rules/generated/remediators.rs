//! What every remediator has around it in `template.yaml`, one like the other: a log, a queue, dead letters, alarms, and
//! the evaluators who ask it. The function itself and its role are written by hand there.

use super::Region;
use crate::remedy::Remediator;
use crate::rules::{RULES, Trigger};

const AROUND: Region = Region {
    file: "template.yaml",
    from: "  # Logs, queues and alarms of the remediators, one like the other: UPDATE=1 cargo test -p shared generated\n",
    to: "\n  # -------------------------------------------------------------------------- AWS Config rules",
};

const OUTPUTS: Region = Region {
    file: "template.yaml",
    from: "  # Dead letters of the remediators: UPDATE=1 cargo test -p shared generated\n",
    to: "  # What is not the remediators'.\n",
};

/// Those who put right what a rule of this trigger finds.
fn asked_for(trigger: Trigger) -> impl Iterator<Item = Remediator> {
    Remediator::asked().filter(move |remediator| {
        RULES
            .iter()
            .any(|rule| rule.meta.remediator == Some(*remediator) && rule.meta.triggers.contains(&trigger))
    })
}

/// `suspend-principal` as `SuspendPrincipal`.
fn logical_id(remediator: Remediator) -> String {
    super::pascal_case(remediator.as_str())
}

const AROUND_ONE: &str = r"
  {Id}Log:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Sub /aws/lambda/${AWS::StackName}-{id}
      RetentionInDays: !Ref LogRetentionDays

  {Id}Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub ${AWS::StackName}-{id}.fifo
      FifoQueue: true
{deduplication}      VisibilityTimeout: 720
      MessageRetentionPeriod: 345600
      SqsManagedSseEnabled: true
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt {Id}DeadLetters.Arn
        maxReceiveCount: 5

  {Id}DeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub ${AWS::StackName}-{id}-dead-letters.fifo
      FifoQueue: true
      ContentBasedDeduplication: false
      MessageRetentionPeriod: 1209600
      SqsManagedSseEnabled: true
      RedriveAllowPolicy:
        redrivePermission: byQueue
        sourceQueueArns:
          - !Sub arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${AWS::StackName}-{id}.fifo
{queue policies}{alarms}";

const QUEUE_POLICY: &str = r#"
  {Id}{Queue}Policy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref {Id}{Queue}]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: OnlyOverTls
            Effect: Deny
            Principal: "*"
            Action: sqs:*
            Resource: !GetAtt {Id}{Queue}.Arn
            Condition:
              Bool: { aws:SecureTransport: "false" }
{senders}"#;

const BY_FINDING: &str = "      ContentBasedDeduplication: false\n";

/// Who denies first is told of events too.
const BY_EVENT: &str = r"      # EventBridge names nothing by which an event is known again, and asks for this; findings name theirs.
      ContentBasedDeduplication: !If [DeniesFirst, true, false]
";

const EVENTS: &str = r"          - !If
            - DeniesFirst
            - Sid: Events
              Effect: Allow
              Principal: { Service: events.amazonaws.com }
              Action: sqs:SendMessage
              Resource: !GetAtt {Id}Queue.Arn
              Condition:
                ArnEquals:
                  aws:SourceArn:
                    - !GetAtt DetectorFindings.Arn
                    - !GetAtt IdentityCalls.Arn
                    - !GetAtt StackCalls.Arn
            - !Ref AWS::NoValue
";

const ALARM: &str = r"
  {Id}{Alarm}:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: !Sub ${AWS::StackName}-{id}-{alarm}
      AlarmDescription: {description}
      Namespace: {namespace}
      MetricName: {metric}
      Dimensions: [{dimension}]
      Statistic: {statistic}
      Period: 300
      EvaluationPeriods: 1
      Threshold: {threshold}
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
      AlarmActions: [!Ref Alarms]
";

struct Alarm {
    suffix: &'static str,
    name: &'static str,
    description: &'static str,
    metric: &'static str,
    of: Metrics,
    threshold: u32,
}

/// Whose metrics an alarm looks at.
enum Metrics {
    /// Lambda's, of the function.
    Lambda,
    /// The function's own.
    Own,
    /// Of this queue.
    Queue(&'static str),
}

const ALARMS: [Alarm; 8] = [
    Alarm {
        suffix: "Errors",
        name: "errors",
        description: "{id} failed. Its log says why.",
        metric: "Errors",
        of: Metrics::Lambda,
        threshold: 0,
    },
    Alarm {
        suffix: "Throttles",
        name: "throttles",
        description: "Lambda turned invocations of {id} away.",
        metric: "Throttles",
        of: Metrics::Lambda,
        threshold: 0,
    },
    Alarm {
        suffix: "QueueAge",
        name: "queue-age",
        description: "A finding has waited for {id} longer than two tries take.",
        metric: "ApproximateAgeOfOldestMessage",
        of: Metrics::Queue("Queue"),
        threshold: 1_800,
    },
    Alarm {
        suffix: "DeadLettersDepth",
        name: "dead-letters",
        description: "{id} gave a finding up. The message says why.",
        metric: "ApproximateNumberOfMessagesVisible",
        of: Metrics::Queue("DeadLetters"),
        threshold: 0,
    },
    Alarm {
        suffix: "Tripped",
        name: "tripped",
        description: "{id} reached a limit, and everything is stopped until a person takes the order away.",
        metric: "tripped",
        of: Metrics::Own,
        threshold: 0,
    },
    // `partial` is about what failed halfway alone: where AWS refuses all, nothing would tell.
    Alarm {
        suffix: "Failed",
        name: "failed",
        description: "An act of {id} failed. The notice and its log say why.",
        metric: "failed",
        of: Metrics::Own,
        threshold: 0,
    },
    Alarm {
        suffix: "Partial",
        name: "partial",
        description: "{id} ended with part of its work done. The notice and its log say which part.",
        metric: "partial",
        of: Metrics::Own,
        threshold: 0,
    },
    Alarm {
        suffix: "Untold",
        name: "untold",
        description: "{id} could not tell anybody of a journal entry. Its log says of which, and why.",
        metric: "untold",
        of: Metrics::Own,
        threshold: 0,
    },
];

impl Alarm {
    fn yaml(&self) -> String {
        let (namespace, statistic, dimension) = match self.of {
            Metrics::Own => ("Bailiff", "Sum", "{ Name: Function, Value: !Ref {Id} }".to_owned()),
            Metrics::Lambda => ("AWS/Lambda", "Sum", "{ Name: FunctionName, Value: !Ref {Id} }".to_owned()),
            Metrics::Queue(queue) => {
                let dimension = format!("{{ Name: QueueName, Value: !GetAtt {{Id}}{queue}.QueueName }}");
                ("AWS/SQS", "Maximum", dimension)
            }
        };
        ALARM
            .replace("{Alarm}", self.suffix)
            .replace("{alarm}", self.name)
            .replace("{description}", self.description)
            .replace("{namespace}", namespace)
            .replace("{metric}", self.metric)
            .replace("{dimension}", &dimension)
            .replace("{statistic}", statistic)
            .replace("{threshold}", &self.threshold.to_string())
    }
}

fn around(remediator: Remediator) -> String {
    let denies_first = remediator == Remediator::SuspendPrincipal;
    let policies = ["Queue", "DeadLetters"].map(|queue| {
        let senders = if denies_first && queue == "Queue" { EVENTS } else { "" };
        QUEUE_POLICY.replace("{Queue}", queue).replace("{senders}", senders)
    });
    let alarms: String = ALARMS.iter().map(Alarm::yaml).collect();
    AROUND_ONE
        .replace("{queue policies}", &policies.concat())
        .replace("{deduplication}", if denies_first { BY_EVENT } else { BY_FINDING })
        .replace("{alarms}", &alarms)
        .replace("{Id}", &logical_id(remediator))
        .replace("{id}", remediator.as_str())
}

#[test]
fn every_remediator_has_its_log_its_queue_and_its_alarms() {
    AROUND.must_be(&Remediator::asked().map(around).collect::<String>());
}

#[test]
fn the_dead_letters_of_every_remediator_are_told() {
    let output = |remediator: Remediator| {
        let id = logical_id(remediator);
        format!(
            "  {id}DeadLettersUrl:\n    Description: Findings that {remediator} gave up.\n    Value: !Ref \
             {id}DeadLetters\n"
        )
    };
    OUTPUTS.must_be(&Remediator::asked().map(output).collect::<String>());
}

#[test]
fn whoever_asks_knows_every_queue() {
    let variable = |remediator: Remediator| {
        let name = remediator.as_str().to_uppercase().replace('-', "_");
        format!("          BAILIFF_{name}_QUEUE: !Ref {}Queue\n", logical_id(remediator))
    };
    let variables: String = Remediator::asked().map(variable).collect();
    for from in [
        "          # Every queue, to evaluate-changes: UPDATE=1 cargo test -p shared generated\n",
        "          # Every queue, to evaluate-account: UPDATE=1 cargo test -p shared generated\n",
        "          # Every queue, to detect-threats: UPDATE=1 cargo test -p shared generated\n",
    ] {
        Region { file: "template.yaml", from, to: "      EventInvokeConfig:\n" }.must_be(&variables);
    }
    Region {
        file: "template.yaml",
        from: "          # Every queue, to approve-plan: UPDATE=1 cargo test -p shared generated\n",
        to: "      # AWS checks the signature",
    }
    .must_be(&variables);
}

#[test]
fn every_evaluator_may_ask_those_who_put_right_what_its_rules_find() {
    for (from, trigger) in [
        (
            "                # Who puts right what a change shows: UPDATE=1 cargo test -p shared generated\n",
            Trigger::Change,
        ),
        (
            "                # Who puts right what a sweep shows: UPDATE=1 cargo test -p shared generated\n",
            Trigger::Sweep,
        ),
        (
            "                # Who puts right what a detector shows: UPDATE=1 cargo test -p shared generated\n",
            Trigger::Sweep,
        ),
    ] {
        let queue = |remediator| format!("                  - !GetAtt {}Queue.Arn\n", logical_id(remediator));
        let queues: String = asked_for(trigger).map(queue).collect();
        Region { file: "template.yaml", from, to: "              - Sid: FailedInvocations\n" }
            .must_be(&format!("                Resource:\n{queues}"));
    }
    let queue = |remediator| format!("                  - !GetAtt {}Queue.Arn\n", logical_id(remediator));
    let queues: String = Remediator::asked().map(queue).collect();
    Region {
        file: "template.yaml",
        from: "                # Whoever's plan was approved: UPDATE=1 cargo test -p shared generated\n",
        to: "              - Sid: FailedInvocations\n",
    }
    .must_be(&format!("                Resource:\n{queues}"));
}
