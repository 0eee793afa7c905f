"""What every function did of what its role grants, over all scenarios of a run."""

from collections import defaultdict
from dataclasses import dataclass, field

from . import privileges
from .config_service import ConfigService
from .stack import Stack


@dataclass
class Usage:
    # What a function's role grants in the template as it is, and with every parameter that a test gives it.
    granted: dict[str, set[str]] = field(default_factory=dict)
    allowed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    used: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    # (function, action, resource), faults that a test injected left out.
    refused: set[tuple[str, str, str]] = field(default_factory=set)
    stacks: int = 0
    # The functions, and the parameters under which their roles were asked for.
    asked: set[tuple[str, frozenset[str]]] = field(default_factory=set)

    def add(self, stack: Stack, config: ConfigService) -> None:
        """Take down what a stack's functions did, before it is gone."""
        self.stacks += 1
        calls = stack.emulator.calls(stack.account)
        for binary, function in stack.functions.items():
            if (binary, stack.parameters) not in self.asked:
                self.asked.add((binary, stack.parameters))
                actions = privileges.granted(stack, binary)
                self.allowed[binary] |= actions
                # Of the roles that hang on a parameter, only these ones' functions do all that it adds in some test.
                if binary not in self.granted or binary in ("receive-directory-change", "suspend-principal"):
                    self.granted[binary] = self.granted.get(binary, set()) | actions
            # A test that tries the role out has a session of another name.
            own = [call for call in calls if call["caller"].endswith(f":assumed-role/{function}/{function}")]
            for call in own:
                if call["status"] < 400:
                    self.used[binary] |= privileges.actions_of(call)
                elif call["error"] in privileges.DENIALS and not call["injected"]:
                    self.refused.add((binary, call["action"], call["resource"]))
            for call in config.calls(stack.account):
                if call["caller"].endswith(f":assumed-role/{function}/{function}"):
                    if not call["error"]:
                        self.used[binary].add(f"config:{call['action']}")
                    elif call["error"] in privileges.DENIALS:
                        self.refused.add((binary, f"config:{call['action']}", "*"))
