"""How what belongs to a stage is called on AWS: the templates, the functions and the roles agree by these rules."""

from dataclasses import dataclass

# Zappa names a function, and the CloudFormation stack of its API, after project and stage. With the bare
# "cloudcart" its stack would be the one that holds the data.
ZAPPA_PROJECT = "cloudcart-app"
STAGES = ("dev", "staging", "production")


@dataclass(frozen=True)
class Names:
    """The names of one stage, like "production"."""

    stage: str

    @property
    def stack(self) -> str:
        """The stack that is provisioned before the code; its name prefixes tables, queues and buckets."""
        return f"cloudcart-{self.stage}"

    @property
    def edge_stack(self) -> str:
        """The stack that is provisioned after the code."""
        return f"{self.stack}-edge"

    @property
    def global_stack(self) -> str:
        """The stack in us-east-1, where CloudFront looks for certificates and firewalls."""
        return f"{self.stack}-global"

    def stack_of(self, part: str) -> str:
        """Give the stack of a part: "base", "edge" or "global"."""
        return {"base": self.stack, "edge": self.edge_stack, "global": self.global_stack}[part]

    @property
    def web_function(self) -> str:
        return f"{ZAPPA_PROJECT}-{self.stage}"

    @property
    def worker_function(self) -> str:
        return f"{ZAPPA_PROJECT}-{self.stage}-worker"

    @property
    def worker_stage(self) -> str:
        """What zappa_settings.json calls the worker of this stage; the web function has the stage's own name."""
        return f"{self.stage}_worker"

    @property
    def web_role(self) -> str:
        return f"{self.stack}-web"

    @property
    def worker_role(self) -> str:
        return f"{self.stack}-worker"

    @property
    def code_bucket(self) -> str:
        """Where Zappa puts its packages on their way to Lambda."""
        return f"{self.stack}-code"

    @property
    def static_bucket(self) -> str:
        """Where collectstatic puts styles, scripts and fonts."""
        return f"{self.stack}-static"

    @property
    def app_secret(self) -> str:
        """The secret of Secrets Manager whose JSON has SECRET_KEY."""
        return f"{self.stack}/app"

    @property
    def origin_secret(self) -> str:
        """The secret of Secrets Manager whose JSON has ORIGIN_KEY, if the stage guards its origin."""
        return f"{self.stack}/origin"

    @property
    def stripe_secret(self) -> str:
        """The secret of Secrets Manager whose JSON has STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET."""
        return f"{self.stack}/stripe"
