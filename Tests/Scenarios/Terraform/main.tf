# A policy of 20 lists, 3 rule groups and 40 rules. Variable `revision` makes the update.
# Domains are written as AWS gives them back: in lower case, with a final dot. The provider takes any other form for a
# change, here as with AWS.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "api" {}
variable "revision" {}
variable "vpc" {}
variable "target_port" {}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints {
    route53resolver = var.api
  }
}

locals {
  lists     = range(20)
  responses = ["NXDOMAIN", "NODATA", "OVERRIDE"]
  rules = merge(
    # The first lists may be asked for their mail servers, wherever those lead.
    { for list in range(8) : "mail-${list}" => {
      group = 0, list = list, action = "ALLOW", response = null, qtype = "MX", redirection = "TRUST_REDIRECTION_DOMAIN"
    } },
    { for list in range(8, 20) : "watch-${list}" => {
      group       = 0, list = list, action = "ALERT", response = null, qtype = ["AAAA", "TXT", "TYPE65"][list % 3]
      redirection = "INSPECT_REDIRECTION_DOMAIN"
    } },
    { for list in range(20) : "block-${list}" => {
      group    = list < 10 ? 1 : 2, list = list, action = "BLOCK", qtype = null, redirection = null
      response = local.responses[(list + (list == 0 ? var.revision - 1 : 0)) % 3]
    } }
  )
}

resource "aws_route53_resolver_firewall_domain_list" "list" {
  count = length(local.lists)
  name  = "list-${count.index}"
  domains = count.index == 19 ? ["*."] : [
    "n${count.index}.example.", "*.n${count.index}.example.", "n${count.index}.r${var.revision}.test."
  ]
  tags = { list = count.index }
}

resource "aws_route53_resolver_firewall_rule_group" "group" {
  count = 3
  name  = "group-${count.index}"
  tags  = { revision = var.revision }
}

resource "aws_route53_resolver_firewall_rule" "rule" {
  for_each                           = local.rules
  name                               = each.key
  firewall_rule_group_id             = aws_route53_resolver_firewall_rule_group.group[each.value.group].id
  firewall_domain_list_id            = aws_route53_resolver_firewall_domain_list.list[each.value.list].id
  priority                           = 10 + each.value.list
  action                             = each.value.action
  block_response                     = each.value.response
  block_override_domain              = each.value.response == "OVERRIDE" ? "portal.example" : null
  block_override_dns_type            = each.value.response == "OVERRIDE" ? "CNAME" : null
  block_override_ttl                 = each.value.response == "OVERRIDE" ? 60 : null
  firewall_domain_redirection_action = each.value.redirection
  q_type                             = each.value.qtype
}

resource "aws_route53_resolver_firewall_rule_group_association" "association" {
  count                  = 3
  name                   = "association-${count.index}"
  firewall_rule_group_id = aws_route53_resolver_firewall_rule_group.group[count.index].id
  vpc_id                 = var.vpc
  priority               = 200 + count.index
  mutation_protection    = count.index == 0 && var.revision == 1 ? "ENABLED" : "DISABLED"
  tags                   = { owner = "test" }
}

resource "aws_route53_resolver_firewall_config" "config" {
  resource_id        = var.vpc
  firewall_fail_open = var.revision == 1 ? "ENABLED" : "DISABLED"
}

resource "aws_route53_resolver_config" "config" {
  resource_id              = var.vpc
  autodefined_reverse_flag = "DISABLE"
}

resource "aws_route53_resolver_dnssec_config" "config" {
  resource_id = var.vpc
}

resource "aws_route53_resolver_query_log_config" "log" {
  name            = "log-${var.revision}"
  destination_arn = "arn:aws:s3:::bucket/${var.revision}"
  tags            = { owner = "test" }
}

resource "aws_route53_resolver_query_log_config_association" "log" {
  resolver_query_log_config_id = aws_route53_resolver_query_log_config.log.id
  resource_id                  = var.vpc
}

resource "aws_route53_resolver_rule" "forward" {
  name                 = "forward"
  domain_name          = "n0.example."
  rule_type            = "FORWARD"
  resolver_endpoint_id = "rslvr-out-0123456789abcdef0"
  tags                 = { owner = "test" }
  target_ip {
    ip   = "127.0.0.1"
    port = var.target_port
  }
}

resource "aws_route53_resolver_rule_association" "forward" {
  resolver_rule_id = aws_route53_resolver_rule.forward.id
  vpc_id           = var.vpc
}
