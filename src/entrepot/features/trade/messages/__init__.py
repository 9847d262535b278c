"""What messages about orders, returns, shipments and subscriptions say, built when they are to be delivered (MS-3)."""
