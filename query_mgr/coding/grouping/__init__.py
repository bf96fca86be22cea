"""What a stay's codes group to: MS-DRG with what carries it, and CMS-HCC flags. Pure; never shown beside a query."""
